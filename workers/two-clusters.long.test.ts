import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createPublisher } from '../client';
import { createPool } from '../db/pool';
import { startTemporal, type Temporal } from '../stack/start-temporal';
import { createDatabase, type TestDatabase } from '../tests/database';
import { endWorkerProcess, startWorkerProcess } from '../tests/worker-process';
import { readConfig } from './config';
import { startWorker, type RunningWorker } from './start-worker';

let database: TestDatabase;
let folder: string;
let main: Temporal;
let standby: Temporal;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-clusters-'));
  [main, standby] = await Promise.all([startTemporal({ dataDir: folder }), startTemporal()]);
  database = await createDatabase();
  environment = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: main.address,
    TEMPORAL_STANDBY_ADDRESS: standby.address,
    WORKER_PORT: '0',
    WORKFLOW_BUNDLE: process.env['WORKFLOW_BUNDLE'] ?? '',
    SHUTDOWN_GRACE_SECONDS: '1',
  };
}, 120_000);

afterAll(async () => {
  await Promise.all([main.stop(), standby.stop()]);
  await database.drop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
}

const serves = (worker: RunningWorker, main: boolean, standby: boolean) => () => {
  const { clusters } = worker.readiness();
  return clusters['main']?.ready === main && clusters['standby']?.ready === standby;
};

/** Publishes on one of the clusters, and waits for its effect. */
async function bans(cluster: Temporal, name: string): Promise<void> {
  const publisher = createPublisher({ clusters: [{ name, address: cluster.address }], deadlineMs: 60_000 });
  const pool = createPool(database.url);
  const { key } = await publisher.publish('Agent.Ban', { SiteId: 1, BanType: 0, IpFromOrVisitorId: 4711 });
  await until(async () => {
    const { rows } = await pool.query(
      `select from event e left join delivery d on d.event_key = e.key
       where e.key = $1 and e.cluster = $2 and d.state is distinct from 'pending'`,
      [key, name],
    );
    return rows.length === 1;
  });
  await publisher.close();
  await pool.end();
}

it('serves each cluster as soon as it is there, the other being down, and makes ready again one that comes back empty', async () => {
  await Promise.all([main.kill(), standby.kill()]);
  const worker = await startWorker(readConfig(environment), { log: pino({ level: 'silent' }) });
  await until(() => worker.readiness().clusters['standby']?.reason?.includes('onnect') === true);
  const readyz = () => fetch(`http://127.0.0.1:${worker.port}/readyz`);
  expect((await readyz()).status).toBe(503);
  await standby.restart();
  await worker.ready;
  expect(serves(worker, false, true)()).toBe(true);
  await bans(standby, 'standby');
  await main.restart();
  await until(serves(worker, true, true));
  await bans(main, 'main');
  await main.kill();
  await until(serves(worker, false, true));
  const response = await readyz();
  expect(response.status).toBe(200);
  const body = await response.json();
  expect(body).toMatchObject({ clusters: { main: { ready: false }, standby: { ready: true } } });
  expect(body).toHaveProperty('clusters.main.reason');
  await bans(standby, 'standby');
  for (const file of ['temporal.db', 'temporal.db-wal', 'temporal.db-shm'])
    await rm(join(folder, file), { force: true });
  await main.restart();
  await until(serves(worker, true, true));
  await bans(main, 'main');
  const metrics = await (await fetch(`http://127.0.0.1:${worker.port}/metrics`)).text();
  for (const name of ['main', 'standby']) expect(metrics).toContain(`chat_events_ready{cluster="${name}"} 1`);
  await worker.stop();
}, 180_000);

it('goes on with one cluster while the other hangs, starts so, and stops in bounded time', async () => {
  const worker = await startWorker(readConfig(environment), { log: pino({ level: 'silent' }) });
  await until(serves(worker, true, true));
  const hanging = main.pid ?? 0;
  process.kill(hanging, 'SIGSTOP');
  try {
    await until(serves(worker, false, true));
    await bans(standby, 'standby');
    const [stoppedInMs, next] = await Promise.all([
      duration(worker.stop()),
      startWorkerProcess(environment), // resolves when it is ready
    ]);
    expect(stoppedInMs).toBeLessThan(20_000);
    await bans(standby, 'standby');
    expect(await duration(endWorkerProcess(next, 'SIGTERM'))).toBeLessThan(20_000);
    expect(next.exitCode).toBe(0);
  } finally {
    process.kill(hanging, 'SIGCONT');
  }
}, 180_000);

async function duration(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}
