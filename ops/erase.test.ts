import { openOpsCommand } from '../tests/ops-command';
import { createDatabase, type Database } from '../db/database';
import { saveEvents } from '../db/domain/save-events';
import { inTransaction } from '../db/tx';
import { exampleOf } from '../tests/domain-database';
import { HERE, newEvent } from '../tests/new-event';

const SITE = '10001';

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let db: Database;

beforeAll(async () => {
  // No cluster has to answer: the sweep deletes workflows.
  command = await openOpsCommand({ TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_CLUSTER_NAME: 'main' });
  db = createDatabase(command.pool);
});

afterAll(async () => await command.close());

it('counts first what it would delete, and deletes so many rows', async () => {
  const chat = exampleOf('Chat.Ended');
  const event = { ...newEvent('e1'), ...chat, siteId: SITE, key: `Chat.Ended/${SITE}/e1`, ids: null };
  await db.insertEvents([event], HERE);
  await inTransaction(command.pool, (tx) => saveEvents(tx, [event]));
  const { rows: visitors } = await command.pool.query('select visitor_id as id from visitor');
  for (const args of [`erase --site ${SITE} --visitor ${visitors[0].id}`, `site remove ${SITE}`]) {
    const counted = await command.ops(`${args} --dry-run --json`);
    expect(counted).toMatchObject({ code: 0 });
    const { rows, events } = JSON.parse(counted.stdout);
    expect(events).toBe(1);
    expect(rows).toMatchObject({ event: 1, chat: 1, visitor: 1 });
    expect(await command.pool.query('select from erasure')).toMatchObject({ rowCount: 0 });
  }
  const { rows } = JSON.parse((await command.ops(`erase --site ${SITE} --event ${event.key} --dry-run --json`)).stdout);
  const erased = await command.ops(`erase --site ${SITE} --event ${event.key} --yes --no-wait --json`);
  const { receipt } = JSON.parse(erased.stdout);
  expect(receipt.rows).toEqual(rows);
  expect(receipt.copiesEnd).toEqual({ main: null }); // the cluster did not say how long it keeps closed workflows
});

it.each([
  'site remove 4242 --yes',
  'erase --site 4242 --visitor v --yes',
  'erase --site 4242 --visitor v --dry-run',
  'events find --site 4242',
  'events refused --site 4242',
  'deliveries list --site 4242',
  'deliveries redrive --site 4242',
  'deliveries resend --site 4242',
  'connections list --site 4242 --json',
  'account --from 1d --site 4242',
])('of a site that there is not, "%s" fails', async (args) => {
  const { code, stderr } = await command.ops(args);
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^There is no site 4242/m) });
  expect((await command.pool.query("select from erasure where site_id = '4242'")).rowCount).toBe(0);
});
