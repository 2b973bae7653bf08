import { pino } from 'pino';
import { createPool } from '../db/pool';
import { startPostgres } from '../stack/start-postgres';
import { startTemporal } from '../stack/start-temporal';
import { readConfig } from './config';
import { startWorker } from './start-worker';

const until = async (isSo: () => Promise<boolean>) => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
};

/** Of the tables that `migrate` makes, the one that a worker reads before it serves a cluster. */
async function tellInstallation(url: string): Promise<void> {
  const pool = createPool(url);
  await pool.query('create table installation as select gen_random_uuid() as id');
  await pool.end();
}

it('waits for servers that are not up yet, and takes no work while the database does not answer', async () => {
  const [postgres, temporal] = await Promise.all([startPostgres(), startTemporal()]);
  try {
    await Promise.all([postgres.kill(), temporal.kill()]);
    const worker = await startWorker(
      readConfig({
        DATABASE_URL: postgres.url,
        TEMPORAL_ADDRESS: temporal.address,
        WORKER_PORT: '0',
        WORKFLOW_BUNDLE: process.env['WORKFLOW_BUNDLE'],
        SHUTDOWN_GRACE_SECONDS: '1',
      }),
      { log: pino({ level: 'silent' }) },
    );
    const isReady = async () => (await fetch(`http://127.0.0.1:${worker.port}/readyz`)).status === 200;
    const reason = () => worker.readiness().clusters['main']?.reason;
    expect(reason()).toMatch(/^the database does not answer; /);
    expect(await isReady()).toBe(false);
    await postgres.restart();
    await until(async () => reason()?.startsWith('the database has not told') === true);
    await tellInstallation(postgres.url);
    await until(async () => !/has not told|starting/.test(reason() ?? ''));
    expect(await isReady()).toBe(false);
    await temporal.restart();
    await worker.ready;
    await until(isReady);
    await postgres.kill();
    await until(async () => !(await isReady()));
    await postgres.restart();
    await until(isReady);
    await temporal.kill();
    await until(async () => !(await isReady()));
    await temporal.restart();
    await until(isReady);
    await worker.stop();
  } finally {
    await Promise.all([postgres.stop(), temporal.stop()]);
  }
}, 120_000);
