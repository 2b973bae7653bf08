import { execFile, execFileSync, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPublisher, type Publisher } from '../../client';
import { createPool } from '../../db/pool';
import { endWorkerProcess, startWorkerProcess } from '../../tests/worker-process';
import type { ClusterStatus } from './describe-cluster';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = promisify(execFile);
const built = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const canBuild = spawnSync('go', ['version']).status === 0;
const needed = built || canBuild ? describe : describe.skip;
const title = `npm run cluster${built || canBuild ? '' : ' (skipped: no Temporal server is built here, and there is no Go)'}`;

needed(title, () => {
  let folder: string;
  let port: number;
  const env = { ...process.env };
  delete env['DATABASE_URL'];

  const cluster = (command: string, own: NodeJS.ProcessEnv = {}, at = folder): Promise<Outcome> => {
    const script = join(__dirname, 'cluster.ts');
    const args = ['--import', 'tsx', script, command, '--folder', at, '--port', `${port}`, '--json'];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { env: { ...env, ...own } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  };
  const statusOf = ({ stdout }: Outcome): ClusterStatus => JSON.parse(stdout);

  beforeAll(async () => {
    // The first time builds the server.
    if (!built) execFileSync(process.execPath, ['scripts/setup.mjs', '--build-server'], { stdio: 'ignore' });
    folder = await mkdtemp(join(tmpdir(), 'cluster-'));
    port = 20_000 + Math.floor(Math.random() * 10) * 1_000 + (process.pid % 40) * 16;
  }, 1_800_000);

  afterAll(async () => {
    await cluster('stop');
    await rm(folder, { recursive: true });
  });

  describe('on the embedded PostgreSQL', () => {
    let worker: ChildProcess | undefined;
    let publisher: Publisher;
    let databaseUrl: string;
    const addressOf = (name: string) => statuses().find((server) => server.name === name)!.address;
    let first: ClusterStatus;
    const statuses = () => first.servers;

    afterAll(async () => {
      await publisher?.close();
      if (worker) await endWorkerProcess(worker, 'SIGKILL');
    });

    it('starts two servers with a database each', async () => {
      const outcome = await cluster('start');
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      first = statusOf(outcome);
      expect(first).toMatchObject({
        up: true,
        postgres: { answers: true },
        servers: [
          { name: 'main', address: `127.0.0.1:${port}`, healthy: true, readsStore: true },
          { name: 'standby', address: `127.0.0.1:${port + 1_000}`, healthy: true, readsStore: true },
        ],
      });
      const { databaseUrl: url, names } = await databasesOf(first.postgres.url!);
      databaseUrl = url;
      expect(names).toEqual([
        'chat_events',
        'temporal_main',
        'temporal_main_visibility',
        'temporal_standby',
        'temporal_standby_visibility',
      ]);
    }, 300_000);

    it('a second start starts nothing, and says what runs', async () => {
      const again = await cluster('start');
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(statusOf(again)).toEqual(first);
    }, 120_000);

    it('one worker takes events of both from publish to their rows', async () => {
      const environment = { ...env, DATABASE_URL: databaseUrl };
      for (const script of ['scripts/migrate.ts', 'prisma/seed.ts'])
        await run(process.execPath, ['--import', 'tsx', script], { env: environment });
      const [main, standby] = [addressOf('main'), addressOf('standby')];
      worker = await startWorkerProcess({
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: main,
        TEMPORAL_STANDBY_ADDRESS: standby,
      });
      publisher = createPublisher({ clusters: [{ name: 'main', address: main }], deadlineMs: 10_000 });
      const other = createPublisher({ clusters: [{ name: 'standby', address: standby }], deadlineMs: 10_000 });
      await publishOnceReady(publisher, 'on-main');
      await publishOnceReady(other, 'on-standby');
      await other.close();
      expect(await rowOf(databaseUrl, 'Agent.Ban/7/on-main')).toBe('delivered');
      expect(await rowOf(databaseUrl, 'Agent.Ban/7/on-standby')).toBe('delivered');
    }, 180_000);

    it('a server that is killed is shown as down, and start brings it back, its worker with it', async () => {
      process.kill(first.servers[0]!.pid!, 'SIGKILL');
      const down = await cluster('status');
      expect(down).toMatchObject({ code: 1 });
      expect(statusOf(down)).toMatchObject({
        up: false,
        servers: [
          { name: 'main', pid: null, healthy: false, readsStore: false },
          { name: 'standby', pid: first.servers[1]!.pid, healthy: true },
        ],
      });
      const back = await cluster('start');
      expect(back).toMatchObject({ code: 0, stderr: '' });
      expect(statusOf(back).servers[0]!.pid).not.toBe(first.servers[0]!.pid);
      await publisher.publish('Agent.Ban', { SiteId: 7, BanType: 0, IpFromOrVisitorId: 1 }, { id: 'afterwards' });
      expect(await rowOf(databaseUrl, 'Agent.Ban/7/afterwards')).toBe('delivered');
    }, 300_000);

    it('stop ends all of it, and only once', async () => {
      await endWorkerProcess(worker!, 'SIGTERM');
      const { servers, postgres } = statusOf(await cluster('status'));
      const pids = [postgres.pid, ...servers.flatMap(({ pid, uiPid }) => [pid, uiPid])];
      expect(pids.every((pid) => pid !== null)).toBe(true);
      const { ended } = JSON.parse((await cluster('stop')).stdout);
      expect(ended.sort()).toEqual(['main', 'main-ui', 'postgres', 'standby', 'standby-ui']);
      expect(statusOf(await cluster('status'))).toMatchObject({ up: false, postgres: { pid: null, answers: false } });
      expect(JSON.parse((await cluster('stop')).stdout)).toEqual({ ended: [] });
    }, 180_000);
  });

  it('uses the PostgreSQL of DATABASE_URL, and leaves it running', async () => {
    const other = join(folder, 'other');
    const database = { DATABASE_URL: process.env['TEST_POSTGRES_URL'] };
    try {
      const outcome = await cluster('start', database, other);
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(statusOf(outcome)).toMatchObject({ up: true, postgres: { pid: null, url: database.DATABASE_URL } });
    } finally {
      await cluster('stop', {}, other);
    }
    const { names } = await databasesOf(database.DATABASE_URL!);
    expect(names).toContain('temporal_standby_visibility');
  }, 300_000);

  it('says why a server does not start, and leaves no process of it', async () => {
    const other = join(folder, 'wrong');
    const outcome = await cluster('start', { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' }, other);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/databases of main could not be prepared/),
    });
    expect(JSON.parse((await cluster('stop', {}, other)).stdout)).toEqual({ ended: [] });
  }, 300_000);
});

async function databasesOf(url: string): Promise<{ databaseUrl: string; names: string[] }> {
  const pool = createPool(url, { max: 1 });
  const text = "select datname from pg_database where datname ~ '^(chat_events|temporal_)' order by 1";
  const { rows } = await pool.query<{ datname: string }>(text);
  await pool.end();
  return { databaseUrl: url, names: rows.map(({ datname }) => datname) };
}

/** The worker process is ready with one of its clusters; the other may take a moment more. */
async function publishOnceReady(publisher: Publisher, id: string): Promise<void> {
  for (;;) {
    try {
      return void (await publisher.publish('Agent.Ban', { SiteId: 7, BanType: 0, IpFromOrVisitorId: 1 }, { id }));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** The state of the delivery of an event, once it is final; the test's own time-out bounds it. */
async function rowOf(url: string, key: string): Promise<string> {
  const pool = createPool(url, { max: 1 });
  const text = "select state from delivery where event_key = $1 and state <> 'pending'";
  try {
    for (;;) {
      const state = (await pool.query<{ state: string }>(text, [key])).rows[0]?.state;
      if (state !== undefined) return state;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await pool.end();
  }
}
