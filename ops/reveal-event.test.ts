import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createPublisher } from '../client';
import { openLargeEventStore } from '../client/large-events';
import { readPayloadKeys } from '../client/payload-keys';
import { catalogue } from '../events/catalogue';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { openOpsCommand } from '../tests/ops-command';

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const PAYLOAD_KEY = randomBytes(32).toString('base64');

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let temporal: FreshNamespace;
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reveal-'));
  await openLargeEventStore(dir).prepare();
  temporal = await freshNamespace();
  const { namespace } = temporal;
  command = await openOpsCommand({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, LARGE_EVENTS_DIR: dir });
});

afterAll(async () => {
  await command.close();
  await temporal.close();
  await rm(dir, { recursive: true, force: true });
});

const show = (key: string, options: string[], env = {}) => command.run(['events', 'show', key, ...options], { env });

async function publish(id: string, comment: string): Promise<string> {
  const clusters = [{ name: 'main', address, namespace: temporal.namespace }];
  const publisher = createPublisher({ clusters, payloadKey: PAYLOAD_KEY, largeEvents: { dir }, deadlineMs: 60_000 });
  const { key } = await publisher.publish('Agent.Ban', { ...catalogue['Agent.Ban'].example, Comment: comment }, { id });
  await publisher.close();
  return key;
}

test.each([
  ['an event', 'a marker'],
  ['a large event', 'a marker '.repeat(40_000)],
])('%s that no worker has recorded yet is read from its workflow, with the key', async (name, comment) => {
  const key = await publish(name, comment);
  expect(await show(key, [])).toMatchObject({ code: 1 });
  const { code, stdout } = await show(key, ['--reveal', '--json'], { PAYLOAD_KEY });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    revealed: { from: 'the start of the workflow on main', data: { data: { Comment: comment } } },
  });
  const { id } = readPayloadKeys({ PAYLOAD_KEY })[0] ?? {};
  const without = await show(key, ['--reveal']);
  expect(without).toMatchObject({ code: 1, stdout: '' });
  expect(without.stderr).toContain(`encrypted with the key ${id}, and PAYLOAD_KEY is not set here`);
});

it('while main does not answer, an event is read from standby', async () => {
  const key = await publish('on standby', 'a marker');
  const clusters = { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_STANDBY_ADDRESS: address };
  const { code, stdout } = await show(key, ['--reveal', '--json'], { ...clusters, PAYLOAD_KEY });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ revealed: { from: 'the start of the workflow on standby' } });
  const gone = await show('Agent.Ban/7/gone', ['--reveal'], clusters);
  expect(gone).toMatchObject({ code: 1, stdout: '' });
  expect(gone.stderr).toContain('127.0.0.1:1');
});

it('reads a recorded event from its row, a refused one as it was sent, and logs who asked for which, without the data', async () => {
  await command.pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
     values ('Agent.Ban/7/r', 'Agent.Ban', '7', 'r', now(), '{"comment":"a marker"}', 'h', 0, 'main', 'Agent.Ban/7/r')`,
  );
  await command.pool.query(
    `insert into refused_event (id, key, cluster, workflow_id, problems, raw, position)
     values (gen_random_uuid(), 'Agent.Ban/7/s', 'main', 'Agent.Ban/7/s', '[]', convert_to('{"Comment":"a marker"}', 'UTF8'), 0)`,
  );
  const { stdout, stderr } = await show('Agent.Ban/7/r', ['--reveal']);
  expect(stdout).toContain('From the database:\n{\n  "comment": "a marker"\n}');
  const { SUDO_USER: user = userInfo().username } = process.env;
  expect(JSON.parse(stderr)).toMatchObject({ event: 'Agent.Ban/7/r', user, time: expect.any(Number) });
  expect(stderr).not.toContain('a marker');
  expect((await show('Agent.Ban/7/s', ['--reveal'])).stdout).toContain(
    'From the refused input:\n{\n  "Comment": "a marker"',
  );
  expect(await show('Agent.Ban/7/t', ['--reveal'])).toMatchObject({ code: 1 });
});
