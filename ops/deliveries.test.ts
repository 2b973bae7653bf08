import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Database } from '../db/database';
import { createDatabase } from '../db/database';
import { HERE, newEvent } from '../tests/new-event';
import { openOpsCommand } from '../tests/ops-command';
import { runWorker, type Running } from '../tests/running-worker';

let running: Running;
let db: Database;
let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  running = await runWorker();
  const { DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE } = running.config;
  command = await openOpsCommand({ DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE });
  db = createDatabase(running.pool);
  await running.pool.query("insert into subscription values ('Queue.0', '*', 'Agent.Ban', 'persistence', 'active')");
  const refused = { type: 'Rejected', message: 'Field 50% is missing' };
  const events = [
    newEvent('a', [refused]),
    newEvent('b', [refused]),
    newEvent('c', [{ type: 'Unconfirmed', message: 'no answer' }]),
  ];
  for (const event of events) await db.insertEvents([event], HERE);
  await running.pool.query(
    `insert into refused_event (id, key, type, site_id, problems, raw, cluster, workflow_id, position)
     values (gen_random_uuid(), 'Agent.Ban/7/x', 'Agent.Ban', '7', '[{"path":"data.agentId","problem":"expected an id"}]', 'personal', 'main', 'run', 0)`,
  );
});

afterAll(async () => {
  await command.close();
  await running.stop();
});

const json = async (args: string): Promise<unknown> => {
  const { stdout, stderr } = await command.ops(`${args} --json`);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};

it('lists deliveries by each condition', async () => {
  const keys = async (args: string) =>
    ((await json(`deliveries list ${args}`)) as { eventKey: string }[])
      .map(({ eventKey }) => eventKey.slice(-1))
      .join('');
  expect(await keys('--limit 10')).toBe('abc');
  expect(await keys('--failure Rejected --site 007 --type agent.ban --queue Queue.0 --consumer persistence')).toBe(
    'ab',
  );
  expect(await keys('--text 50%')).toBe('ab');
  expect(await keys('--limit 1')).toBe('a');
  expect(await keys('--state pending')).toBe('');
  expect(await keys('--from 2026-11-20T10:00:00Z --to 2026-11-20T10:00:01Z')).toBe('abc');
  expect(await keys('--from 2026-11-20T10:00:01Z')).toBe('');
  expect(await keys('--state delivered --site 7')).toBe('');
});

it.each([
  ['list --state delivered', 1, /Give --site or --type/],
  ['list --queue Queue.9', 1, /There is no data queue Queue.9/],
  ['redrive --queue Queue.9', 1, /There is no data queue Queue.9/],
  ['redrive --rate 2000', 1, /at most 1000/],
  ['list --from yesterday', 2, /ISO time such as/],
  ['list --from 2026-02-30', 2, /ISO time such as/],
  ['list --from "2026-11-30 (Monday)"', 2, /ISO time such as/],
  ['list --site 7 --from 1h --to 24h', 1, /^The span has no time: --from \d/],
  ['list --type Chat.Began', 2, /There is no event Chat.Began/],
  ['list --connection 7/webhook/none', 1, /There is no connection 7\/webhook\/none/],
])('refuses: deliveries %s', async (args, code, said) => {
  expect(await command.ops(`deliveries ${args}`)).toMatchObject({ code, stderr: expect.stringMatching(said) });
});

it('finds events by site, state and id, and those that were refused', async () => {
  const found = await command.ops('events find --site 7 --state parked');
  expect(found.stdout).toMatch(/^Agent\.Ban\/7\/a +2026-11-20T10:00:00\.000Z +1 parked +main run$/m);
  expect(await json('events find a --site 7')).toMatchObject([{ key: 'Agent.Ban/7/a', deliveries: { parked: 1 } }]);
  expect(await json('events find --type Chat.Ended')).toEqual([]);
  expect(await json('events find a')).toEqual([]);
  expect(await command.ops('events find')).toMatchObject({ code: 1, stderr: 'Give --site, --type or an id.\n' });

  const refused = await command.ops('events refused --site 7');
  expect(refused.stdout).toMatch(/Agent\.Ban\/7\/x +main run +data\.agentId: expected an id/);
  expect(refused.stdout).not.toContain('personal');
});

it('shows on one screen the waiting deliveries and the tasks for a person', async () => {
  await running.pool.query(
    `with e as (insert into erasure (id, site_id, by, requested_at) values (gen_random_uuid(), '7', 'site', '2026-11-30T00:00:00Z') returning id)
     insert into erased_workflow (cluster, workflow_id, erasure, look_at) select 'away', 'x', id, 'infinity' from e`,
  );
  const { stdout, stderr, code } = await command.ops('status');
  expect({ stderr, code }).toEqual({ stderr: 'To do: 2.\n', code: 1 });
  expect(stdout).toMatch(/^main .* answers +1 /m);
  expect(stdout).toMatch(/^Parked deliveries: 3$/m);
  expect(stdout).toMatch(/^7 +Queue\.0 +Rejected +2 /m);
  expect(stdout).toContain('Deliveries are parked: 3\n    -> npm');
  expect(stdout).toMatch(/^Erasures that wait .*: 1, since 2026-11-30T/m);
  expect(stdout).toContain('Events were refused: 1 in the last 24 hours\n    ->');
});

it('counts first, redrives at a rate until all are done, and then has nothing to do', async () => {
  const dry = await command.ops('deliveries redrive --failure Rejected --dry-run');
  expect(dry.stdout).toMatch(/^parked +Queue\.0 +Rejected +2\nWould redrive 2 deliveries\.$/m);
  const done = await command.ops('deliveries redrive --failure Rejected --rate 100');
  expect(done).toMatchObject({ code: 0, stdout: 'Done: 2 deliveries.\n' });
  expect(done.stderr).toMatch(/works on 2 deliveries, 100 per second\. It goes on if this command is ended\./);
  const { rows } = await running.pool.query(
    "select event_key from delivery where failure_type = 'Rejected' and state = 'parked'",
  );
  expect(rows).toEqual([]);
  expect(await command.ops('deliveries redrive --failure Rejected')).toMatchObject({
    code: 0,
    stdout: 'There is nothing to redrive.\n',
  });
});

it('discards on the record, and ends at once with --no-wait', async () => {
  const begun = (await json('deliveries discard --failure Unconfirmed --no-wait')) as { workflowId: string };
  expect(begun).toEqual({ workflowId: expect.stringMatching(/^discard\//), deliveries: 1, parked: 1, waiting: 0 });
  await running.client.workflow.getHandle(begun.workflowId).result();
  const { rows } = await running.pool.query("select state from delivery where event_key = 'Agent.Ban/7/c'");
  expect(rows).toEqual([{ state: 'discarded' }]);
});

it('counts apart those that wait for their next try, and redrives them where no other is chosen', async () => {
  const { pool } = running;
  await db.insertEvents([newEvent('w')], { ...HERE, workflowId: 'Agent.Ban/7/w' });
  await pool.query(
    `update delivery set due_at = now() + interval '1 day', look_at = 'infinity', failure_type = 'Unavailable', failure_message = 'no answer'
     where event_key = 'Agent.Ban/7/w'`,
  );
  const dry = await command.ops('deliveries redrive --failure Unavailable --dry-run');
  expect(dry.stdout).toMatch(
    /^waiting +Queue\.0 +Unavailable +1\nWould redrive 1 delivery \(0 parked, 1 waiting for their next try\)\.$/m,
  );
  expect(await json('deliveries redrive --failure Unavailable --dry-run')).toEqual([
    { state: 'waiting', dataQueue: 'Queue.0', failure: 'Unavailable', deliveries: 1 },
  ]);
  expect((await command.ops('deliveries discard --failure Unavailable --dry-run')).stdout).toBe(
    'Would discard 0 deliveries.\n',
  );
  const done = await command.ops('deliveries redrive --failure Unavailable');
  expect(done).toMatchObject({ code: 0, stdout: 'Done: 1 delivery.\n' });
  expect(done.stderr).toContain('works on 1 delivery (0 parked, 1 waiting for their next try)');
  const { rows } = await pool.query(
    "select due_at < now() + interval '1 hour' as woken from delivery where event_key = 'Agent.Ban/7/w'",
  );
  expect(rows).toEqual([{ woken: true }]);
});

it('says which cluster does not answer', async () => {
  const { stdout, code } = await command.ops('status', { env: { TEMPORAL_ADDRESS: '127.0.0.1:9' } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/A cluster does not answer: main: [^]*-> npm run ops -- doctor/);
});

it('says how to start a paused sweep again on its cluster, and names itself as the operator has called it', async () => {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = running.config;
  const sweep = running.client.schedule.getHandle('sweep');
  await sweep.pause('for a test');
  const env = {
    OPS_COMMAND: 'chat-events-ops',
    TEMPORAL_API_KEY_FILE: join(command.dir, 'key'),
    TEMPORAL_TLS: 'false',
  };
  await writeFile(env.TEMPORAL_API_KEY_FILE, 'a key');
  const { stdout } = await command.ops('status', { env });
  await sweep.unpause();
  expect(stdout).toContain(
    `it is paused on main\n    -> TEMPORAL_API_KEY="$(cat '${env.TEMPORAL_API_KEY_FILE}')" temporal schedule --address ${address} ` +
      `toggle --namespace ${namespace} --schedule-id sweep --unpause`,
  );
  expect(stdout).toContain('-> chat-events-ops events refused');
});

it('status sends the API key of a file', async () => {
  const file = join(command.dir, 'api-key');
  await writeFile(file, 'of-the-file\n');
  const sent = new Set<unknown>();
  const server = createServer().on('stream', (stream, { authorization }) => {
    sent.add(authorization);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server has no other kind
  const env = { TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_API_KEY_FILE: file, TEMPORAL_TLS: 'false' };
  const { code } = await command.ops('status', { env });
  server.close();
  expect([code, ...sent]).toEqual([1, 'Bearer of-the-file']);
});
