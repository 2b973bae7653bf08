import { defaultPayloadConverter } from '@temporalio/common';
import { DeliveryFailure } from '../../activities/failures';
import { createPublisher, type Publisher, type Receipt } from '../../client';
import { isBatchId } from '../../protocol/batch-id';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../scripted-run';

let running: ScriptedRun;
let publisher: Publisher;

beforeAll(async () => {
  running = await runScripted({ WEBHOOK_RETRY_SECONDS: '1,1,1,1,1,2,2,2,2,2' });
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  publisher = createPublisher({ clusters: [{ name: 'main', address, namespace }], deadlineMs: 60_000, maxInFlight: 1 });
}, 60_000);

afterEach(() => {
  running.scripted.onSend = async () => {};
});

afterAll(async () => {
  await publisher.close();
  await running.stop();
});

/** Bans of site 2, which has two endpoints, or of site 1, which has none. */
const publish = (ids: readonly string[], site: 1 | 2): Promise<Receipt[]> =>
  Promise.all(ids.map((id) => publisher.publish('Agent.Ban', ban(id, site).data, { id })));

const newIds = (name: string, count: number): string[] => Array.from({ length: count }, () => newId(name));

const ends = (receipts: readonly Receipt[]) =>
  Promise.all(
    [...new Set(receipts.map(({ workflowId }) => workflowId))].map((id) =>
      running.client.workflow.getHandle(id).result(),
    ),
  );

const exists = async (workflowId: string): Promise<boolean> =>
  await running.isOpen(workflowId).then(
    () => true,
    () => false,
  );

/** Since when the batch's activity is trying, as it has told the server by its nth attempt. */
async function sinceWhen(workflowId: string, attempt: number): Promise<number> {
  let since = 0;
  await running.until(async () => {
    const { raw } = await running.client.workflow.getHandle(workflowId).describe();
    const late = raw.pendingActivities?.find((one) => (one.attempt ?? 0) >= attempt);
    const [details] = late?.heartbeatDetails?.payloads ?? [];
    if (details) ({ since } = defaultPayloadConverter.fromPayload<{ since: number }>(details));
    return late !== undefined;
  });
  return since;
}

it('needs no workflow more while a destination answers 503 for some seconds: what failed is tried again in its batch', async () => {
  const ids = newIds('unavailable', 200);
  let isUp = false;
  running.scripted.onSend = async () => {
    if (!isUp) throw new DeliveryFailure('Unavailable', 'The endpoint answered 503.');
  };
  const receipts = await publish(ids, 2);
  const workflows = new Set(receipts.map(({ workflowId }) => workflowId));
  expect(workflows.size).toBeLessThan(5);
  await running.until(async () => running.scripted.sent.length >= 3 * ids.length); // every endpoint has failed some tries
  const batch = [...workflows].find((id) => isBatchId(id)) ?? '';
  const early = await sinceWhen(batch, 3);
  expect(early).toBeGreaterThan(Date.now() - 600_000);
  expect(await sinceWhen(batch, 5)).toBe(early); // kept from attempt to attempt
  isUp = true;
  const results = (await ends(receipts)) as { delivered: number }[];
  expect(results.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(3 * ids.length);
  expect(await exists(keyOf(ids[0] ?? '', 2))).toBe(false);
  const { rows } = await running.pool.query(
    "select distinct owner_workflow_id from delivery where event_key like 'Agent.Ban/2/unavailable%'",
  );
  expect(new Set(rows.map((row) => row.owner_workflow_id))).toEqual(workflows);
});

it('delivers the others while one of them hangs at its destination', async () => {
  const ids = newIds('slow', 30);
  const [slow] = ids;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  running.scripted.onSend = ({ event }) => (event.id === slow ? released : Promise.resolve());
  const receipts = await publish(ids, 2);
  const pending = async () =>
    (await running.pool.query("select event_key from delivery where state = 'pending'")).rows.map(
      (row) => row.event_key,
    );
  const ofSlow = keyOf(slow ?? '', 2);
  await running.until(async () => String(await pending()) === String([ofSlow, ofSlow]));
  expect(await running.effects(slow ?? '')).toBe(1); // what is stored does not wait for what is sent
  release();
  await ends(receipts);
  expect(await pending()).toEqual([]);
});

it('stores the neighbours of an event that the tables refuse, which then is parked in a workflow of its own', async () => {
  const ids = newIds('neighbour', 40);
  const poisoned = newId('poison');
  const receipts = await publish([...ids.slice(0, 20), poisoned, ...ids.slice(20)], 1);
  expect(receipts.map(({ workflowId }) => workflowId).filter((id) => isBatchId(id))).toHaveLength(41);
  await ends(receipts);
  for (const id of ids) expect(await running.effects(id)).toBe(1);
  const key = keyOf(poisoned);
  await running.until(async () => (await exists(key)) && String(await running.parkedQueues(key)) === 'Agent.Ban');
  await running.client.workflow.getHandle(key).signal('discard');
  expect(await running.client.workflow.getHandle(key).result()).toEqual({ discarded: 1 });
});

it('says in its details what a batch carries, and nothing of what is in it', async () => {
  const ids = newIds('described', 3);
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  running.scripted.onSend = () => released;
  const receipts = await publish(ids, 2);
  const handle = running.client.workflow.getHandle(receipts[0]?.workflowId ?? '');
  await running.until(async () => running.scripted.sent.includes(ids[0] ?? ''));
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain('3 events of one site');
  expect(currentDetails).toContain('- 3 Agent.Ban');
  expect(currentDetails).toContain('3 delivered, 6 pending');
  release();
  await ends(receipts);
});

it('is one event when it is published alone after it went in a batch, and two batches have it once', async () => {
  const [id = '', other = ''] = newIds('again', 2);
  const first = await publish([id, other], 1);
  const again = await publish([id], 1);
  expect(again).toMatchObject([{ key: keyOf(id), workflowId: keyOf(id), duplicate: true }]);
  const list = [ban(id), ban(other)];
  const batches = await Promise.all([running.start(list, newId('batch/')), running.start(list, newId('batch/'))]);
  await Promise.all([...batches.map((batch) => batch.result()), ends([...first, ...again])]);
  expect(await Promise.all([running.effects(id), running.effects(other)])).toEqual([1, 1]);
  const { rows } = await running.pool.query(`select count(*)::int from refused_event where key = $1`, [keyOf(id)]);
  expect(rows).toEqual([{ count: 0 }]);
});

it('gives an event that is larger than a batch may carry well a workflow of its own', async () => {
  const ids = newIds('beside-large', 3);
  const large = publisher.publish(
    'Agent.Ban',
    { ...ban('x').data, Comment: 'x'.repeat(40_000) },
    { id: newId('large') },
  );
  const receipts = await publish(ids, 1);
  const { workflowId, key } = await large;
  expect(workflowId).toBe(key);
  expect(new Set(receipts.map((one) => one.workflowId)).size).toBe(1);
  await ends([...receipts, await large]);
});
