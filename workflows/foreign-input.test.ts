import { randomUUID } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

type Payload = temporal.api.common.v1.IPayload;

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

const encoded = (encoding: string, data: string | Uint8Array): Payload => ({
  metadata: { encoding: Buffer.from(encoding) },
  data: Buffer.from(data),
});
const json = (text: string): Payload => encoded('json/plain', text);

/** Starts a run with payloads that no SDK of ours would send. */
async function startRaw(
  workflowId: string,
  payloads: Payload[],
  type = 'processChatEvent',
  more: temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest = {},
): Promise<void> {
  await running.client.workflowService.startWorkflowExecution({
    namespace: running.config.TEMPORAL_NAMESPACE,
    workflowId,
    requestId: workflowId,
    workflowType: { name: type },
    taskQueue: { name: 'chat-events' },
    input: { payloads },
    ...more,
  });
}

async function signalRaw(workflowId: string, signalName: string, payload: Payload): Promise<void> {
  await running.client.workflowService.signalWorkflowExecution({
    namespace: running.config.TEMPORAL_NAMESPACE,
    workflowExecution: { workflowId },
    signalName,
    input: { payloads: [payload] },
  });
}

const resultOf = (workflowId: string): Promise<unknown> => running.client.workflow.getHandle(workflowId).result();

async function expectNoFailedTask(workflowId: string): Promise<void> {
  const { events } = await running.client.workflow.getHandle(workflowId).fetchHistory();
  expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
}

it("reads an event in Google's JSON form of a message", async () => {
  const id = newId('struct');
  const metadata = { encoding: Buffer.from('json/protobuf'), messageType: Buffer.from('google.protobuf.Struct') };
  await startRaw(id, [{ metadata, data: Buffer.from(JSON.stringify(ban(id))) }]);
  expect(await resultOf(id)).toEqual({ delivered: 1 });
  expect(await running.effects(id)).toBe(1);
});

const event = JSON.stringify(ban('foreign'));
const nested = (levels: number, inner = '1'): string => '['.repeat(levels) + inner + ']'.repeat(levels);

it.each<[string, Payload[]]>([
  ['a message', [encoded('binary/protobuf', event)]],
  ['bytes', [encoded('binary/plain', Buffer.from([0xff, 0, 1]))]],
  ['many bytes', [encoded('binary/plain', Buffer.alloc(1_500_000, 0xff))]],
  ['an unknown encoding', [encoded('binary/encrypted', event)]],
  ['an encoding by the name of a method', [encoded('toString', event)]],
  ['nothing, said as such', [encoded('binary/null', '')]],
  ['JSON without an encoding', [{ metadata: {}, data: Buffer.from(event) }]],
  ['JSON without metadata', [{ data: Buffer.from(event) }]],
  ['an empty payload', [{}]],
  ['JSON without data', [{ metadata: { encoding: Buffer.from('json/plain') } }]],
  ['an empty encoding', [encoded('', event)]],
  ['no payload', []],
  ['half of JSON', [json(event.slice(0, 40))]],
  ['data nested deep', [json(`{"type":"Agent.Ban","data":${nested(2_000)}}`)]],
  ['data nested deeper than a thread can write', [json(`{"type":"Agent.Ban","data":${nested(10_000)}}`)]],
  ['data nested deeper than a workflow can write', [json(`{"type":"Agent.Ban","data":${nested(100_000)}}`)]],
  ['lists in lists', [json(`[${nested(10_000)}]`)]],
  ['a number', [json('5')]],
  ['a key that is none', [json('{"key":5}')]],
])('refuses %s, once and for all', async (_, payloads) => {
  const id = newId('foreign');
  await startRaw(id, payloads);
  await expect(resultOf(id)).rejects.toMatchObject({ cause: { type: 'InvalidEvent' } });
  await expectNoFailedTask(id);
  const { rows } = await running.pool.query('select raw from refused_event where workflow_id = $1', [id]);
  expect(rows).toHaveLength(1);
});

it('keeps what came in an encoding that is not read', async () => {
  const id = newId('foreign');
  await startRaw(id, [{ data: Buffer.from(event) }]);
  await expect(resultOf(id)).rejects.toMatchObject({ cause: { type: 'InvalidEvent' } });
  const { rows } = await running.pool.query('select type, raw from refused_event where workflow_id = $1', [id]);
  expect(rows).toMatchObject([{ type: 'sent without an encoding' }]);
  expect(JSON.parse(rows[0].raw)).toMatchObject({ data: event });
});

it.each([
  ['deliveries that are none', { deliveries: [null] }],
  ['a delivery without its names', { deliveries: [{ id: 1 }] }],
  ['no list', { deliveries: { length: 1 } }],
  ['a text', 'known'],
  ['null', null],
  ['the deliveries of another event', { key: 'another', type: 'Agent.Ban', siteId: '1', deliveries: [] }],
])('delivers a recorded event that it is said to know with %s', async (_, known) => {
  const id = newId('poison');
  const key = keyOf(id);
  await running.start(ban(id), key);
  await running.until(async () => (await running.parkedQueues(key)) !== undefined);
  await running.client.workflow.getHandle(key).terminate();
  await running.client.workflow.signalWithStart('processChatEvent', {
    workflowId: key,
    taskQueue: 'chat-events',
    args: [{ key, known }],
    signal: 'discard',
  });
  expect(await resultOf(key)).toEqual({ discarded: 1 });
  await expectNoFailedTask(key);
});

it('ends with NotRecorded for a key that the database cannot have', async () => {
  for (const key of ['', 'Agent.Ban/1/\ud800', 'Agent.Ban/1/\0', 'x'.repeat(1_000_000)]) {
    const id = newId('foreign');
    await running.start({ key, known: { key, type: 'x', siteId: 'y', deliveries: [] } }, id);
    await expect(resultOf(id)).rejects.toMatchObject({ cause: { type: 'NotRecorded' } });
    await expectNoFailedTask(id);
  }
});

it('leaves a signal aside whose input it cannot read, and takes one in the JSON form of a message', async () => {
  const id = newId('poison');
  const key = keyOf(id);
  await running.start(ban(id), key);
  await running.until(async () => (await running.parkedQueues(key)) !== undefined);
  for (const payload of [
    encoded('binary/protobuf', '["Agent.Ban"]'),
    { data: Buffer.from('["Agent.Ban"]') },
    json(nested(10_000)),
    json('[null]'),
  ]) {
    await signalRaw(key, 'discard', payload);
    await signalRaw(key, 'refresh', payload);
  }
  await signalRaw(key, 'discard', encoded('json/protobuf', '["Agent.Ban"]'));
  expect(await resultOf(key)).toEqual({ discarded: 1 });
  await expectNoFailedTask(key);
});

it('reads an event whose start has a memo that it cannot read', async () => {
  const id = newId('memo');
  await startRaw(id, [json(JSON.stringify(ban(id)))], undefined, {
    memo: { fields: { note: { data: Buffer.from('x') } } },
  });
  expect(await resultOf(id)).toEqual({ delivered: 1 });
});

it.each(['resumeDeliveries', 'recordedEvents'])('%s refuses an input that it cannot read', async (type) => {
  for (const payloads of [[encoded('binary/protobuf', '[]')], [{ data: Buffer.from('[]') }], [json('{')], []]) {
    const id = newId('foreign');
    await startRaw(id, payloads, type);
    await expect(resultOf(id)).rejects.toMatchObject({ cause: { type: 'InvalidInput' } });
    await expectNoFailedTask(id);
  }
});

it('keeps the key that the workflow is named by, and else reads a GUID in all its forms as one id', async () => {
  const [given, read] = [randomUUID().toUpperCase(), randomUUID()];
  await (await running.start({ ...ban(given), siteId: '1' }, keyOf(given))).result();
  await (await running.start({ ...ban(`{${read}}`), siteId: '1' }, newId('guid'))).result();
  for (const key of [keyOf(given), keyOf(read)]) {
    expect(await running.deliveries(key)).toMatchObject({ 'Agent.Ban': { state: 'delivered' } });
  }
});
