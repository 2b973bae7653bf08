import { randomUUID } from 'node:crypto';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { WORKFLOW_TYPE } from '../protocol/constants';
import { openCluster, type ClusterConnection } from './open-cluster';
import { prepareEvent, type PreparedEvent } from './prepare-event';
import { startOptions } from './start-options';
import { isUnderWay, startAgain } from './continue-event';

const WITHIN_MS = 10_000;
let temporal: FreshNamespace;
let cluster: ClusterConnection;

beforeAll(async () => {
  temporal = await freshNamespace();
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  cluster = openCluster({ name: 'main', address, namespace: temporal.namespace });
});

afterAll(async () => {
  await cluster.close();
  await temporal.close();
});

const newBan = () =>
  prepareEvent('Agent.Ban', { SiteId: 1, AgentId: 5, BanType: 0, IpFromOrVisitorId: 9 }, { id: randomUUID() });

async function start(...events: PreparedEvent[]): Promise<string> {
  const options = startOptions(cluster, events);
  await cluster.client.start(WORKFLOW_TYPE, options);
  return options.workflowId;
}

async function startBan(): Promise<PreparedEvent> {
  const event = newBan();
  await start(event);
  return event;
}

const historyOf = async (workflowId: string) =>
  (await temporal.client.workflow.getHandle(workflowId).fetchHistory()).events ?? [];

const signalsOf = async (workflowId: string) =>
  (await historyOf(workflowId)).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );

test('a batch that is open is under way and is told to look; one that is closed, or was never there, is not', async () => {
  const batch = await start(newBan(), newBan());
  expect(await isUnderWay(cluster, batch, WITHIN_MS)).toBe(true);
  expect(await signalsOf(batch)).toEqual(['refresh']);
  await temporal.client.workflow.getHandle(batch).terminate();
  expect(await isUnderWay(cluster, batch, WITHIN_MS)).toBe(false);
  expect(await isUnderWay(cluster, 'batch/never', WITHIN_MS)).toBe(false);
});

test('a workflow that an operator has paused is open, and the signal waits for it', async () => {
  const { key } = await startBan();
  const { namespace, client } = temporal;
  await client.workflowService.pauseWorkflowExecution({ namespace, workflowId: key, requestId: key });
  expect(await isUnderWay(cluster, key, WITHIN_MS)).toBe(true);
  expect((await client.workflow.getHandle(key).describe()).status.name).toBe('PAUSED');
  expect(await signalsOf(key)).toEqual(['refresh']);
});

test('an event whose workflow is open has no second one; that one is told to look', async () => {
  const event = newBan();
  await start(event);
  await startAgain(cluster, [event], WITHIN_MS);
  expect(await signalsOf(event.key)).toEqual(['refresh']);
});

test('an event whose workflow has ended, or was a batch, has one of its own, with the event as its input', async () => {
  const [ended, batched, other] = [newBan(), newBan(), newBan()];
  await start(ended);
  await temporal.client.workflow.getHandle(ended.key).terminate();
  await start(batched, other);
  for (const event of [ended, batched]) {
    await startAgain(cluster, [event], WITHIN_MS);
    const [begin] = await historyOf(event.key);
    const input = begin?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    expect(JSON.parse(Buffer.from(input ?? []).toString())).toEqual(event.input);
    const run = await temporal.client.workflow.getHandle(event.key).describe();
    expect(run).toMatchObject({ status: { name: 'RUNNING' }, memo: { contentHash: event.hash } });
  }
});

test('events of one batch go together again, under an id that follows from their keys', async () => {
  const events = [newBan(), newBan()];
  const batch = await start(...events);
  await temporal.client.workflow.getHandle(batch).terminate();
  expect(await startAgain(cluster, events, WITHIN_MS)).toBe(batch);
  const [begin] = await historyOf(batch);
  const input = begin?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  expect(JSON.parse(Buffer.from(input ?? []).toString())).toEqual(events.map((event) => event.input));
});
