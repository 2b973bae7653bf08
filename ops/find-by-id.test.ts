import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { fillIdsOnce } from '../activities/maintenance/fill-ids';
import { openIdHashes, type HashIds } from '../activities/record/id-hashes';
import { createPublisher } from '../client';
import { createDatabase } from '../db/database';
import { catalogue, type EventType } from '../events/catalogue';
import { eventIds } from '../events/event-ids';
import { readEvent } from '../events/read-event';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { newEvent } from '../tests/new-event';
import { openOpsCommand } from '../tests/ops-command';

const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
const RECEIVED = '2026-11-30T10:00:00.000Z';
const MESSAGE = 'OfflineMessage.Submit/10001/m1';
const VISITOR = '5c6d7e8f-1234-4a5b-8c9d-0e1f2a3b4c5d';

let temporal: FreshNamespace;
let command: Awaited<ReturnType<typeof openOpsCommand>>;
let hash: HashIds;

beforeAll(async () => {
  temporal = await freshNamespace();
  command = await openOpsCommand({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: temporal.namespace });
  const db = createDatabase(command.pool);
  const opened = await openIdHashes(db, createSecretBox(command.key))();
  if (opened === null) throw new Error('The key was made a moment ago.');
  hash = opened;
  const message = asNew('OfflineMessage.Submit', 'm1', {});
  await db.insertEvents([message, { ...asNew('Visitor.Rating', 'r1', { ChatGuid: 'c-7' }), ids: null }], OWNER);
  const receipt = { ids: { case: '500A1', contact: '003"B2' } };
  await command.pool.query(
    `update delivery set state = 'delivered', settled_at = now(), receipt = $1 where event_key = $2`,
    [receipt, MESSAGE],
  );
  const raw = Buffer.from(
    JSON.stringify({ type: 'Agent.Ban', data: { SiteId: 10001, VisitorId: 'V-9', BanType: [] } }),
  );
  const refusal = { id: VISITOR, key: null, type: 'Agent.Ban', siteId: '10001', problems: [], raw, position: 0 };
  await db.insertRefusedEvents([refusal], OWNER);
});

afterAll(async () => {
  await command.close();
  await temporal.close();
});

const OWNER = { cluster: 'main', workflowId: 'run' };

/** The catalogue's example with these data, as it is recorded. */
function asNew(type: EventType, id: string, data: object) {
  const read = readEvent({ type, id, data: { ...catalogue[type].example, ...data } }, { id, receivedAt: RECEIVED });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return { ...newEvent(id), ...read.event, key: read.key, ids: hash(eventIds(type, read.event.data)) };
}

async function find(args: string, input = '', env = {}): Promise<unknown[]> {
  const { code, stdout, stderr } = await command.ops(`events find ${args} --json`, { input, env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

const message = (by: string) => [
  expect.objectContaining({ standing: 'recorded', key: MESSAGE, by, deliveries: { delivered: 1 } }),
];

test.each([
  ['chat', '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10'],
  ['session', '636512345678901234'],
  ['ticket', '9002'],
  ['visitor', `{${VISITOR.toUpperCase()}}`],
  ['record', '500A1'],
  ['record', '003"B2'],
  ['event', 'm1 --site 10001'],
  ['event', MESSAGE],
])('an event is found by the id of its %s: %s', async (by, id) => {
  expect(await find(id)).toEqual(message(by));
});

it('finds by an e-mail address from the standard input, in any case of letters', async () => {
  expect(await find('-', 'Ann@Example.com\n')).toEqual(message('email'));
  expect(await find('- --type Chat.Ended', 'ann@example.com')).toEqual([]);
  expect(await command.ops('events find -')).toMatchObject({ code: 1, stderr: expect.stringContaining('no id') });
});

it('stores no address and no id as it is', async () => {
  const { rows } = await command.pool.query('select ids::text from event');
  expect(JSON.stringify(rows)).not.toMatch(/ann|9002/i);
});

it('says that events of an earlier release are not findable yet, and finds them once they are filled in', async () => {
  const { stdout } = await command.ops('events find c-7');
  expect(stdout).toMatch(/No event has this id\.\nEvents of an earlier release/);
  expect(await fillIdsOnce(createDatabase(command.pool), hash, {})).toBe(1);
  expect(await find('c-7')).toMatchObject([{ key: 'Visitor.Rating/10001/r1', by: 'chat' }]);
  expect((await command.ops('events find c-8')).stdout).not.toContain('earlier release');
});

it('says that an event was refused, or that no worker has recorded it yet', async () => {
  expect(await find('v-9')).toMatchObject([{ standing: 'refused', by: 'value', key: 'Agent.Ban/10001' }]);
  expect(await find('V')).toEqual([]);
  const publisher = createPublisher({ clusters: [{ name: 'main', address, namespace: temporal.namespace }] });
  await publisher.publish('Agent.Ban', catalogue['Agent.Ban'].example, { id: 'waiting' });
  await publisher.close();
  const queued = { standing: 'queued', key: 'Agent.Ban/10001/waiting', cluster: 'main' };
  expect(await find('waiting --site 10001')).toMatchObject([queued]);
  const table = await command.ops('events find Agent.Ban/10001/waiting');
  expect(table.stdout).toMatch(/waiting +event +20.* +not recorded yet +main /);
});

it('finds by ids also after the key of the secrets was rotated, and says when it lacks the key', async () => {
  const next = { SECRETS_KEY: newSecretsKey() };
  const without = await command.ops('events find 9002', { env: next });
  expect(without).toMatchObject({ code: 1, stderr: expect.stringContaining('SECRETS_KEY_PREVIOUS') });
  const rotated = await command.ops('connections rotate-key', { env: { ...next, SECRETS_KEY_PREVIOUS: command.key } });
  expect(rotated).toMatchObject({ code: 0 });
  expect(await find('9002', '', next)).toEqual(message('ticket'));
});
