import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createPublisher, type Publisher } from '../../client';
import { createPool } from '../../db/pool';
import { startPostgres, type Postgres } from '../../stack/start-postgres';
import { startTemporal, type Temporal } from '../../stack/start-temporal';
import { createDatabase } from '../database';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

/** Servers of its own, as it stops and kills them. */
let postgres: Postgres;
let temporal: Temporal;
let environment: Record<string, string>;
let worker: ChildProcess;
let publisher: Publisher;
let pool: Pool;

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startPostgres(), startTemporal()]);
  process.env['TEST_POSTGRES_URL'] = postgres.url; // of this file's process only
  const database = await createDatabase();
  environment = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    SWEEP_EVERY_SECONDS: '1',
    OVERDUE_AFTER_SECONDS: '3',
    SHUTDOWN_GRACE_SECONDS: '3',
  };
  pool = createPool(database.url);
  await pool.query(
    `insert into subscription (data_queue, event_type, consumer) values ('Visit.Log', 'Visit.Log', 'persistence')`,
  );
  worker = await startWorkerProcess(environment);
  publisher = createPublisher({ clusters: [{ name: 'main', address: temporal.address }], deadlineMs: 60_000 });
}, 120_000);

afterAll(async () => {
  await publisher.close();
  await endWorkerProcess(worker, 'SIGTERM');
  await pool.end();
  await temporal.stop();
  await postgres.stop();
}, 60_000);

/** Publishes `count` events of a campaign, a few at a time; each adds 1 to its visits. */
async function publishVisits(campaign: string, count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, i) => `${campaign}-${i}`);
  const publishRest = async (): Promise<void> => {
    for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
      await publisher.publish('Visit.Log', { SiteId: 1, CampainId: campaign, VisitCount: 1 }, { id });
    }
  };
  await Promise.all(Array.from({ length: 10 }, publishRest));
}

/** Deliveries by state, and the visits that were counted: an effect done twice would be one too many. */
async function account(campaign: string): Promise<Record<string, number>> {
  const { rows } = await pool.query(
    `select count(*) filter (where state = 'delivered') as delivered, count(*) as deliveries,
            (select coalesce(sum(visits), 0)::int from visits_per_day where campaign_id = $1) as visits,
            (select count(*) from visit_log where campaign_id = $1) as logs
     from delivery where event_key like 'Visit.Log/1/' || $1 || '-%'`,
    [campaign],
  );
  return rows[0];
}

async function untilDelivered(campaign: string, count: number): Promise<void> {
  while ((await account(campaign).catch(() => undefined))?.['delivered'] !== count) await delay(200);
}

const all = (count: number) => ({ delivered: count, deliveries: count, visits: count, logs: count });

it('loses nothing and does nothing twice when the worker is killed in the middle of 200 events', async () => {
  const published = publishVisits('killed', 200);
  while ((await account('killed'))['delivered']! < 50) await delay(20);
  await endWorkerProcess(worker, 'SIGKILL');
  const before = await account('killed');
  expect(before['delivered']).toBeLessThan(200);
  worker = await startWorkerProcess(environment);
  await published;
  await untilDelivered('killed', 200);
  expect(await account('killed')).toEqual(all(200));
}, 120_000);

it('finishes or hands back what is in flight on SIGTERM', async () => {
  const published = publishVisits('stopped', 100);
  while ((await account('stopped'))['delivered']! < 20) await delay(20);
  expect(await endWorkerProcess(worker, 'SIGTERM')).toBe(0);
  worker = await startWorkerProcess(environment);
  await published;
  await untilDelivered('stopped', 100);
  expect(await account('stopped')).toEqual(all(100));
}, 120_000);

it('waits while Postgres is stopped for 10 s under load, and parks nothing', async () => {
  const published = publishVisits('no-database', 150);
  while ((await account('no-database'))['delivered']! < 20) await delay(20);
  await postgres.kill();
  await delay(10_000); // the length of the outage is what is tested
  await postgres.restart();
  await published;
  await untilDelivered('no-database', 150);
  expect(await account('no-database')).toEqual(all(150));
  const { rows } = await pool.query("select count(*) as n from delivery where state = 'parked' or tries > 1");
  expect(rows).toEqual([{ n: 0 }]);
}, 120_000);

it('goes on when Temporal is killed and started again on its file under load', async () => {
  const published = publishVisits('no-temporal', 150);
  while ((await account('no-temporal'))['delivered']! < 20) await delay(20);
  await temporal.kill();
  await delay(2_000); // the length of the outage is what is tested
  await temporal.restart();
  await published;
  await untilDelivered('no-temporal', 150);
  expect(await account('no-temporal')).toEqual(all(150));
}, 120_000);
