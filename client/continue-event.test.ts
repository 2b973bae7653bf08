import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { startSilentServer } from '../tests/silent-server';
import { continueEvent } from './continue-event';

let temporal: FreshNamespace;

beforeAll(async () => {
  temporal = await freshNamespace();
});

afterAll(() => temporal.close());

async function historyOf(workflowId: string) {
  const { events = [] } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  return {
    input: started?.input?.payloads?.map(({ data }) => Buffer.from(data ?? []).toString()),
    signals: (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []),
  };
}

test('an event that no run carries gets one, with its key only', async () => {
  const key = `Chat.Ended/10001/with/${randomUUID()}`;
  await continueEvent(temporal.client.workflow, { key, contentHash: 'hash' });
  expect(await historyOf(key)).toEqual({ input: [JSON.stringify({ key })], signals: ['refresh'] });
  const run = await temporal.client.workflow.getHandle(key).describe();
  expect(run).toMatchObject({ type: 'processChatEvent', taskQueue: 'chat-events', priority: { fairnessKey: '10001' } });
  expect(run.searchAttributes).toMatchObject({ SiteId: ['10001'], EventType: ['Chat.Ended'] });
  expect(run.memo).toEqual({ contentHash: 'hash' });
  expect(await run.staticSummary()).toBe(`Chat.Ended site 10001 ${key}`);
});

test('an open run is asked to look again, a closed one is followed by another', async () => {
  const key = `Agent.Ban/10001/${randomUUID()}`;
  const start = await temporal.client.workflow.start('processChatEvent', {
    taskQueue: 'chat-events',
    workflowId: key,
    args: [{ type: 'Agent.Ban' }],
  });
  await continueEvent(temporal.client.workflow, { key, contentHash: 'hash' });
  expect(await historyOf(key)).toEqual({ input: ['{"type":"Agent.Ban"}'], signals: ['refresh'] });
  await start.terminate();
  await continueEvent(temporal.client.workflow, { key, contentHash: 'hash' });
  expect(await historyOf(key)).toEqual({ input: [JSON.stringify({ key })], signals: ['refresh'] });
});

test('a cluster that does not answer fails the call within its deadline', async () => {
  const silent = await startSilentServer();
  const connection = Connection.lazy({ address: silent.address });
  const started = performance.now();
  const { workflow } = new Client({ connection });
  await expect(
    continueEvent(workflow, { key: 'Agent.Ban/1/a', contentHash: 'hash' }, { deadlineMs: 200 }),
  ).rejects.toMatchObject({
    cause: { code: 4 },
  });
  expect(performance.now() - started).toBeLessThan(4_000);
  await connection.close();
  await silent.close();
});
