import { DeliveryFailure } from '../activities/failures';
import { changeConnection, readConnection } from '../db/connections';
import { onPool } from '../db/tx';
import { wakeDeliveries } from '../db/wake-deliveries';
import { shortenActivity, timedOut } from '../tests/shorten-activity';
import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

const inAnHour = () => new DeliveryFailure('RateLimited', 'in an hour', { retryAfterMs: 3_600_000 });
const rowsOf = async (key: string) => {
  const { 'Agent.Ban.Webhook': first, 'Agent.Ban.Webhook#2': second } = await running.deliveries(key);
  return [first ?? {}, second ?? {}] as const;
};
/** Without it, the hold of the connection stands. */
async function mend(connectionId: unknown): Promise<void> {
  const tx = onPool(running.pool);
  const row = (await readConnection(tx, String(connectionId)))!;
  await changeConnection(tx, row.id, row.version, row);
}

it('sends a delivery that waits for its next try when an operator redrives it, or mends its connection', async () => {
  const id = newId('woken');
  const key = keyOf(id, 2);
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  await running.until(async () => (await rowsOf(key)).every((row) => row['failure_type'] === 'RateLimited'));
  const [first, second] = await rowsOf(key);
  const tx = onPool(running.pool);
  await mend(first['connection_id']);
  expect(await wakeDeliveries(tx, String(first['connection_id']), 10)).toBe(1);
  expect(await wakeDeliveries(tx, String(first['connection_id']), 10)).toBe(0);
  await running.until(async () => (await rowsOf(key))[0]['state'] === 'delivered');
  expect((await rowsOf(key))[1]).toMatchObject({ state: 'pending', due_at: second['due_at'] });
  await mend(second['connection_id']);
  await running.client.workflow.getHandle(key).signal('redrive');
  expect(await running.client.workflow.getHandle(key).result()).toEqual({ delivered: 3 });
});

it('sends it at once each time that it is redriven, also when it has to wait again after the first time', async () => {
  const id = newId('woken-twice');
  const key = keyOf(id, 2);
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour(), inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  const handle = running.client.workflow.getHandle(key);
  for (const sends of [2, 4]) {
    await running.until(
      async () =>
        running.scripted.sent.filter((one) => one === id).length === sends &&
        (await rowsOf(key)).every((row) => Number(row['due_at']) > Date.now()),
    );
    for (const row of await rowsOf(key)) await mend(row['connection_id']);
    await handle.signal('redrive');
  }
  expect(await handle.result()).toEqual({ delivered: 3 });
});

it('goes on with a delivery whose activity the server has ended after 30 days', async () => {
  const id = newId('thirty-days');
  const key = keyOf(id, 2);
  running.scripted.faults.set(id, [undefined, inAnHour(), inAnHour()]);
  await running.start(ban(id, 2), key);
  // The first attempt was a local activity; the one on the queue has found that nothing is due.
  await running.until(async () => {
    const { raw } = await running.client.workflow.getHandle(key).describe();
    return (raw.pendingActivities ?? []).filter(({ attempt }) => (attempt ?? 0) > 1).length === 2;
  });
  await shortenActivity(running.client, key, 'Agent.Ban.Webhook');
  await running.until(async () => (await timedOut(running.client, key)) === 1);
  for (const row of await rowsOf(key)) await mend(row['connection_id']);
  await running.client.workflow.getHandle(key).signal('redrive');
  expect(await running.client.workflow.getHandle(key).result()).toEqual({ delivered: 3 });
  const { events = [] } = await running.client.workflow.getHandle(key).fetchHistory();
  const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
  const first = scheduled.find(({ activityId }) => activityId === 'Agent.Ban.Webhook');
  expect(Number(first?.scheduleToCloseTimeout?.seconds)).toBe(30 * 86_400);
});

it('tries the deliveries of an event that comes alone beside its workflow: a step by data queue, and no task on a queue', async () => {
  const id = newId('beside');
  const key = keyOf(id, 2);
  await running.start(ban(id, 2), key);
  const handle = running.client.workflow.getHandle(key);
  expect(await handle.result()).toEqual({ delivered: 3 });
  const { events = [] } = await handle.fetchHistory();
  expect((events ?? []).filter((event) => event.activityTaskScheduledEventAttributes)).toEqual([]);
  const steps = (events ?? []).flatMap((event) => event.userMetadata?.summary ?? []).map((one) => String(one.data));
  expect(steps).toEqual(expect.arrayContaining(['"Agent.Ban.Webhook"', '"Agent.Ban.Webhook#2"']));
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails.split('\n').slice(1).filter(Boolean)).toEqual([
    '- Agent.Ban: delivered',
    '- Agent.Ban.Webhook: delivered',
    '- Agent.Ban.Webhook#2: delivered',
  ]);
});

it("goes on at the consumer's queue after a first attempt that failed", async () => {
  const id = newId('then-queue');
  const key = keyOf(id, 2);
  const soon = new DeliveryFailure('RateLimited', 'soon', { retryAfterMs: 100 });
  running.scripted.faults.set(id, [undefined, soon]);
  await running.start(ban(id, 2), key);
  const handle = running.client.workflow.getHandle(key);
  expect(await handle.result()).toEqual({ delivered: 3 });
  const { events = [] } = await handle.fetchHistory();
  const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes?.activityId ?? []);
  expect(scheduled).toHaveLength(1);
});

it('delivers on each of two data queues that have one label, by its own consumer', async () => {
  const id = newId('one-label');
  const key = keyOf(id, 2);
  const pause = (state: string) =>
    running.pool.query("update subscription set state = $1 where event_type = 'Agent.Ban'", [state]);
  await pause('paused');
  await (await running.start(ban(id, 2), key)).result();
  await pause('active');
  await running.pool.query(
    `update delivery set label = 'Agent.Ban', state = 'pending', failure_type = null, failure_message = null, settled_at = null
     where event_key = $1 and label <> 'Agent.Ban.Webhook#2'`,
    [key],
  );
  await running.client.workflow.execute('processChatEvent', {
    taskQueue: 'chat-events',
    workflowId: key,
    args: [{ key }],
  });
  expect(await running.effects(id)).toBe(1);
  expect(running.scripted.sent).toContain(id);
});

it('a data queue that is named like the second endpoint of another one leaves its label to it', async () => {
  await running.pool.query(
    "insert into subscription (data_queue, event_type, consumer) values ('Agent.Ban.Webhook-2', 'Agent.Ban', 'persistence')",
  );
  await running.pool.query('alter table subscription drop constraint subscription_data_queue_check');
  await running.pool.query(
    "update subscription set data_queue = 'Agent.Ban.Webhook#2' where data_queue = 'Agent.Ban.Webhook-2'",
  );
  const id = newId('named');
  await (await running.start(ban(id, 2), keyOf(id, 2))).result();
  const rows = await running.deliveries(keyOf(id, 2));
  expect(Object.fromEntries(Object.entries(rows).map(([label, { consumer }]) => [label, consumer]))).toEqual({
    'Agent.Ban': 'persistence',
    'Agent.Ban.Webhook': 'webhook',
    'Agent.Ban.Webhook#2': 'persistence',
    'Agent.Ban.Webhook#3': 'webhook',
  });
});
