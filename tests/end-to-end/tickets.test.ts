import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prismaFolder } from '../../prisma/migration-files';
import { seed } from '../../prisma/seed';
import { runWorker, type Running } from '../running-worker';

const migration = readFileSync(
  join(prismaFolder, 'migrations', '20261124150100_activate_subscriptions', 'migration.sql'),
  'utf8',
);

let running: Running;

beforeAll(async () => {
  running = await runWorker();
}, 60_000);
afterAll(() => running.stop());

const events = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => {
    const data = { SiteId: 7, TicketId: n % 2, VisitorEmail: 'ann@example.com', Content: `Message ${from + n}` };
    return { type: 'OfflineMessage.Submit', id: `m${from + n}`, data };
  });

const ticketDeliveries = async () =>
  (
    await running.pool.query(
      `select state, failure_type as failure, count(*)::int as n from delivery where consumer = 'ticket' group by 1, 2`,
    )
  ).rows as unknown[];

const isDelivered = async () =>
  (await running.pool.query(`select from delivery where consumer = 'ticket' and state <> 'delivered'`)).rowCount === 0;

it('opens the tickets that waited while there was no consumer, once it is there', async () => {
  await seed(running.config.DATABASE_URL, ['persistence']);
  const runs = await Promise.all([...events(1, 4).map((event) => running.start(event)), running.start(events(5, 20))]);
  await Promise.all(runs.map((run) => run.result()));
  expect(await ticketDeliveries()).toEqual([{ state: 'parked', failure: 'Paused', n: 20 }]);
  expect((await running.pool.query('select from ticket')).rowCount).toBe(0);

  await running.pool.query(migration);
  await running.until(isDelivered);
  expect(await ticketDeliveries()).toEqual([{ state: 'delivered', failure: null, n: 20 }]);
  const { rows } = await running.pool.query(
    `select external_ticket_id as id, count(*)::int as tickets, max(number) as last,
       (select last_number from ticket_counter where site_id = '7') as counted,
       (select count(*)::int from ticket_message) as messages
     from ticket group by 1 order by 1`,
  );
  // Every second message names ticket 1; the others open one each.
  expect(rows).toMatchObject([
    { id: '1', tickets: 1, counted: 11, messages: 20 },
    { id: null, tickets: 10, counted: 11, messages: 20 },
  ]);
});
