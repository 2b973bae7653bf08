import { ban, keyOf, newId, runScripted, type ScriptedRun } from '../tests/scripted-run';

let running: ScriptedRun;

beforeAll(async () => {
  running = await runScripted();
}, 60_000);

afterAll(() => running.stop());

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
