import { randomUUID } from 'node:crypto';
import { catalogue } from '../events/catalogue';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { createPublisher } from './create-publisher';
import { IdConflict, InvalidEvent, PublisherClosed } from './errors';
import { MAX_INPUT_BYTES, prepareEvent } from './prepare-event';
import type { Publisher } from './publisher';

const ban = catalogue['Agent.Ban'].example;
const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
let temporal: FreshNamespace;
let publisher: Publisher;

function publisherTo({ namespace }: FreshNamespace, maxInFlight = 100): Publisher {
  return createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 25_000, maxInFlight });
}

beforeAll(async () => {
  temporal = await freshNamespace();
  publisher = publisherTo(temporal);
});

afterAll(async () => {
  await publisher.close();
  await temporal.close();
});

test('an event is one workflow under its key, found by site and type, with what an operator wants to see', async () => {
  const id = randomUUID();
  const key = `Agent.Ban/10001/${id}`;
  expect(await publisher.publish('Agent.Ban', ban, { id })).toEqual({
    id,
    key,
    workflowId: key,
    acceptedBy: 'main',
    duplicate: false,
    unknownFields: [],
  });
  const run = await temporal.client.workflow.getHandle(key).describe();
  expect(run).toMatchObject({ type: 'processChatEvent', taskQueue: 'chat-events', status: { name: 'RUNNING' } });
  expect(run.searchAttributes).toMatchObject({ SiteId: ['10001'], EventType: ['Agent.Ban'] });
  expect(run.memo).toEqual({ contentHash: prepareEvent('Agent.Ban', ban).hash, publishId: expect.any(String) });
  expect(run.priority).toMatchObject({ fairnessKey: '10001' });
  expect(await run.staticSummary()).toBe(`Agent.Ban site 10001 ${key}`);
});

test('the workflow gets 64-bit ids of JSON text as decimal text', async () => {
  const text = JSON.stringify(ban).replace('"AgentId":15', '"AgentId":636512345678901234');
  const { workflowId } = await publisher.publish('Agent.Ban', text);
  const { events } = await temporal.client.workflow.getHandle(workflowId).fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  expect(JSON.parse(Buffer.from(input ?? []).toString())).toMatchObject({
    type: 'Agent.Ban',
    data: { AgentId: '636512345678901234' },
  });
});

test('publishing an id again is a duplicate', async () => {
  const id = randomUUID();
  const first = await publisher.publish('Agent.Ban', ban, { id });
  const second = await publisher.publish('Agent.Ban', ban, { id, receivedAt: '2026-01-01T00:00:00Z' });
  expect(second).toEqual({ ...first, duplicate: true });
});

test('publishing an id again after its workflow has completed is a duplicate, too', async () => {
  const own = await freshNamespace();
  const toOwn = publisherTo(own);
  const { workflowId } = await toOwn.publish('Agent.Ban', ban, { id: 'done' });
  await completeOpenWorkflow(own);
  expect((await own.client.workflow.getHandle(workflowId).describe()).status.name).toBe('COMPLETED');
  expect(await toOwn.publish('Agent.Ban', ban, { id: 'done' })).toMatchObject({ duplicate: true });
  await toOwn.close();
  await own.close();
});

/** Does what a worker would: takes the workflow task of the only open workflow and answers that it is complete. */
async function completeOpenWorkflow({ client, namespace }: FreshNamespace): Promise<void> {
  const { workflowService } = client;
  const taskQueue = { name: 'chat-events' };
  // The server refuses to be polled without a deadline.
  const poll = () => workflowService.pollWorkflowTaskQueue({ namespace, taskQueue });
  const { taskToken } = await client.withDeadline(Date.now() + 20_000, poll);
  const COMPLETE = 4; // temporal.api.enums.v1.CommandType
  const commands = [{ commandType: COMPLETE, completeWorkflowExecutionCommandAttributes: {} }];
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}

test('one chat ends once, without an id', async () => {
  const chat = { ...catalogue['Chat.Ended'].example };
  const receipts = await Promise.all([publisher.publish('Chat.Ended', chat), publisher.publish('Chat.Ended', chat)]);
  expect(new Set(receipts.map(({ key }) => key)).size).toBe(1);
  expect(receipts.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
});

test('other content under the same id is a conflict, and the first stands', async () => {
  const id = randomUUID();
  await publisher.publish('Agent.Ban', ban, { id });
  const conflict = publisher.publish('Agent.Ban', { ...ban, Comment: 'other' }, { id });
  await expect(conflict).rejects.toBeInstanceOf(IdConflict);
  await expect(conflict).rejects.toMatchObject({ type: 'Agent.Ban', id, key: `Agent.Ban/10001/${id}` });
});

test('the same id at another site, or of another type, is another event', async () => {
  const id = randomUUID();
  const receipts = await Promise.all([
    publisher.publish('Agent.Ban', ban, { id }),
    publisher.publish('Agent.Ban', { ...ban, SiteId: 10002 }, { id }),
    publisher.publish('AgentStatus.Log', catalogue['AgentStatus.Log'].example, { id }),
  ]);
  expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, false, false]);
});

test('what an operator terminated can be published again', async () => {
  const id = randomUUID();
  const { workflowId } = await publisher.publish('Agent.Ban', ban, { id });
  await temporal.client.workflow.getHandle(workflowId).terminate();
  expect(await publisher.publish('Agent.Ban', ban, { id })).toMatchObject({ duplicate: false });
});

test('an event that another program started without our memo counts as a duplicate', async () => {
  const id = randomUUID();
  const workflowId = `Agent.Ban/10001/${id}`;
  await temporal.client.workflow.start('processChatEvent', { taskQueue: 'chat-events', workflowId });
  expect(await publisher.publish('Agent.Ban', ban, { id })).toMatchObject({ duplicate: true });
});

test('keys that no field has are named in the receipt and counted', async () => {
  const before = publisher.status().withUnknownFields;
  const odd = await publisher.publish('Agent.Ban', JSON.stringify({ ...ban, Coment: 'Spam', siteid: 10001 }));
  expect(odd.unknownFields).toEqual(['data.Coment']);
  await publisher.publish('Agent.Ban', ban);
  expect(publisher.status().withUnknownFields).toBe(before + 1);
});

test('an invalid event is refused with all its problems, and nothing is started', async () => {
  const id = randomUUID();
  const data: unknown = { ...ban, AgentId: {}, Comment: {} };
  const refused = publisher.publish('Agent.Ban', data as typeof ban, { id });
  await expect(refused).rejects.toBeInstanceOf(InvalidEvent);
  await expect(refused).rejects.toMatchObject({ problems: [{ path: 'data.AgentId' }, { path: 'data.Comment' }] });
  await expect(temporal.client.workflow.getHandle(`Agent.Ban/10001/${id}`).describe()).rejects.toThrow('not found');
});

test('the largest event that is let through is one that Temporal takes', async () => {
  const id = randomUUID();
  const room = MAX_INPUT_BYTES - prepareEvent('Agent.Ban', { ...ban, Comment: '' }, { id }).bytes;
  const event = { ...ban, Comment: 'x'.repeat(room) };
  expect(await publisher.publish('Agent.Ban', event, { id })).toMatchObject({ duplicate: false });
});

test('more than may be in flight at once are all accepted', async () => {
  const few = publisherTo(temporal, 10);
  const receipts = await Promise.all(Array.from({ length: 100 }, () => few.publish('Agent.Ban', ban)));
  expect(new Set(receipts.map(({ key }) => key)).size).toBe(100);
  await few.close();
});

test('close lets calls of publish finish, takes no more, and can be called twice', async () => {
  const closing = publisherTo(temporal, 2);
  const publishes = Array.from({ length: 10 }, () => closing.publish('Agent.Ban', ban));
  publishes.push(closing.publish('Chat.Ended', catalogue['Chat.Ended'].example));
  const closed = closing.close();
  await expect(closing.publish('Agent.Ban', ban, { id: 'late' })).rejects.toMatchObject({
    constructor: PublisherClosed,
    id: 'late',
  });
  await Promise.all([closed, closing.close()]);
  expect(await Promise.all(publishes)).toHaveLength(11);
});

test('chats have a workflow each until workers are behind; then they go together', async () => {
  const own = await freshNamespace(); // it has no worker
  const clusters = [{ name: 'main', address, namespace: own.namespace }];
  const toOwn = createPublisher({ clusters, batchAfterMs: 100 });
  const publishPair = () =>
    Promise.all([1, 2].map(() => toOwn.publish('Chat.Ended', catalogue['Chat.Ended'].example, { id: randomUUID() })));
  for (const { workflowId, key } of await publishPair()) expect(workflowId).toBe(key);
  let pair = await publishPair();
  for (let tries = 0; pair[0]?.workflowId !== pair[1]?.workflowId && tries < 100; tries++) pair = await publishPair();
  expect(pair.map(({ workflowId }) => workflowId)).toEqual([1, 2].map(() => expect.stringMatching(/^batch\//)));
  await toOwn.close();
  await own.close();
});

test('events that wait together go in one workflow, which says what it carries', async () => {
  const own = await freshNamespace();
  const toOwn = publisherTo(own);
  const log = catalogue['AgentStatus.Log'].example;
  const receipts = await Promise.all([
    ...['a', 'b'].map((id) => toOwn.publish('Agent.Ban', ban, { id })),
    toOwn.publish('AgentStatus.Log', { ...log, SiteId: 10002 }, { id: 'c' }),
    toOwn.publish('Agent.Ban', { ...ban, Comment: 'x'.repeat(40_000) }, { id: 'large' }),
    toOwn.publish('Chat.Ended', catalogue['Chat.Ended'].example),
  ]);
  const [batch, second, third, ...alone] = receipts.map(({ workflowId }) => workflowId);
  expect(batch).toMatch(/^batch\/[0-9a-f-]{36}$/);
  expect([second, third]).toEqual([batch, batch]);
  expect(alone).toEqual(receipts.slice(3).map(({ key }) => key));
  const run = await own.client.workflow.getHandle(batch ?? '').describe();
  expect(await run.staticSummary()).toBe('3 events of 2 sites: 2 Agent.Ban, 1 AgentStatus.Log');
  const { events } = await own.client.workflow.getHandle(batch ?? '').fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
  expect(JSON.parse(Buffer.from(input ?? []).toString())).toMatchObject([{ id: 'a' }, { id: 'c' }, { id: 'b' }]);
  const again = await toOwn.publish('Agent.Ban', ban, { id: 'a' });
  expect(again).toEqual({ ...receipts[0], workflowId: again.key, duplicate: true });
  const other = toOwn.publish('Agent.Ban', { ...ban, Comment: 'other' }, { id: 'b' });
  await expect(other).rejects.toBeInstanceOf(IdConflict);
  await toOwn.close();
  await own.close();
});

test('a namespace that is not there is refused at once, with what to do', async () => {
  const lost = createPublisher({ clusters: [{ name: 'main', address, namespace: 'no-such-namespace' }] });
  const started = performance.now();
  await expect(lost.publish('Agent.Ban', ban)).rejects.toMatchObject({
    name: 'ClusterRefused',
    cluster: 'main',
    message: expect.stringContaining('Correct namespace, or start a worker, which makes it.'),
    cause: expect.any(Error),
  });
  expect(performance.now() - started).toBeLessThan(5_000);
  await lost.close();
});

test('a namespace without our search attributes is refused at once, with what to do', async () => {
  const bare = createPublisher({ clusters: [{ name: 'main', address, namespace: 'default' }] });
  await expect(bare.publish('Agent.Ban', ban)).rejects.toMatchObject({
    name: 'ClusterRefused',
    message: expect.stringContaining('a worker makes them when it starts'),
  });
  await bare.close();
});

test.each(['closed', 'busy'])(
  'who publishes again at once to a publisher that is %s lets others have their turn',
  async (how) => {
    const clusters = [{ name: 'main', address: '127.0.0.1:1' }];
    const publisher = createPublisher({ clusters, maxWaitingBytes: how === 'busy' ? 0 : 1_000_000, deadlineMs: 500 });
    if (how === 'closed') await publisher.close();
    const first = publisher.publish('Agent.Ban', catalogue['Agent.Ban'].example).catch(() => {}); // has the only place
    let isTurned = false;
    setTimeout(() => (isTurned = true), 0);
    for (let tries = 0; tries < 10_000 && !isTurned; tries++) {
      await publisher.publish('Agent.Ban', catalogue['Agent.Ban'].example).catch(() => {});
    }
    expect(isTurned).toBe(true);
    await first;
    await publisher.close();
  },
);
