import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { createPublisher, type Publisher } from '../../client';
import { createPool } from '../../db/pool';
import { catalogue } from '../../events/catalogue';
import { migrate } from '../../prisma/migrate';
import { seed } from '../../prisma/seed';
import { findServer } from '../../stack/cluster/find-server';
import { layOut } from '../../stack/cluster/lay-out';
import { databaseUrlOf, startCluster } from '../../stack/cluster/start-cluster';
import { stopCluster } from '../../stack/cluster/stop-cluster';
import { openOpsCommand } from '../ops-command';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

const MARKER = 'planted-3f9c';
const ADDRESS = `${MARKER}@person.example`;
const SITE = '10001';
const DATABASES = ['chat_events', 'temporal_main', 'temporal_standby'];

const isBuilt = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const title = 'erased data on the disk';

(isBuilt ? describe : describe.skip)(isBuilt ? title : `${title} (skipped: no Temporal server is built here)`, () => {
  let folder: string;
  let layout: ReturnType<typeof layOut>;
  let pool: Pool;
  let worker: ChildProcess;
  let command: Awaited<ReturnType<typeof openOpsCommand>>;
  const publishers: Publisher[] = [];
  const journals = (): string[] => ['journal-main', 'journal-standby'].map((name) => join(folder, name));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'erased-'));
    layout = layOut(folder, 21_000 + (process.pid % 10) * 1_000);
    const programs = await findServer();
    if (programs === undefined) throw new Error('It was there a moment ago.');
    await startCluster({ layout, programs, databaseUrl: undefined });
    const url = (await databaseUrlOf(layout)) ?? '';
    await migrate(url);
    await seed(url, ['persistence', 'ticket']);
    pool = createPool(url, { statementTimeoutMs: 60_000 });
    const [main, standby] = layout.servers;
    const clusters = { TEMPORAL_ADDRESS: main?.address ?? '', TEMPORAL_STANDBY_ADDRESS: standby?.address ?? '' };
    command = await openOpsCommand({ DATABASE_URL: url, ...clusters });
    worker = await startWorkerProcess({ DATABASE_URL: url, ...clusters, SECRETS_KEY: command.key });
    const known = layout.servers.map(({ name, address }) => ({ name, address }));
    const [toMain = '', toStandby = ''] = journals();
    publishers.push(
      createPublisher({ clusters: known, journal: { dir: toMain } }),
      createPublisher({ clusters: known.toReversed(), journal: { dir: toStandby } }),
    );
  }, 180_000);

  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.close()));
    await endWorkerProcess(worker, 'SIGTERM');
    await command.close();
    await pool.end();
    await stopCluster(layout);
    await rm(folder, { recursive: true });
  }, 60_000);

  /** Databases and journals whose files have the marker. Logs of PostgreSQL (its write-ahead log) end with their own retention. */
  async function places(): Promise<string[]> {
    await pool.query('checkpoint');
    const { rows } = await pool.query<{ oid: string; datname: string }>('select oid::text, datname from pg_database');
    const folders = new Map(rows.map(({ oid, datname }) => [datname, join(folder, 'postgres', 'data', 'base', oid)]));
    for (const dir of journals()) folders.set(dir.slice(folder.length + 1), dir);
    const found: string[] = [];
    for (const [name, dir] of folders) if (await hasMarker(dir)) found.push(name);
    return found.sort();
  }

  async function hasMarker(dir: string): Promise<boolean> {
    for (const name of await readdir(dir)) {
      const bytes = await readFile(join(dir, name)).catch(() => Buffer.alloc(0)); // a file of a table that is written anew
      if (bytes.includes(MARKER)) return true;
    }
    return false;
  }

  async function vacuum(): Promise<void> {
    const url = new URL((await databaseUrlOf(layout)) ?? '');
    for (const name of DATABASES) {
      url.pathname = `/${name}`;
      const one = createPool(url.href, { max: 1, statementTimeoutMs: 60_000 });
      await one.query('vacuum full');
      await one.end();
    }
  }

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await pause(250);
  }

  it('is in no byte of both Temporal databases, of the application and of the journals after a vacuum', async () => {
    const { example } = catalogue['OfflineMessage.Submit'];
    const data = { ...example, SiteId: Number(SITE), VisitorEmail: ADDRESS, VisitorName: MARKER };
    for (const [n, publisher] of publishers.entries())
      await publisher.publish('OfflineMessage.Submit', data, { id: `marked-${n}`, siteId: SITE });
    await until(async () => {
      const { rows } = await pool.query<{ state: string }>('select state from delivery');
      return rows.length > 1 && rows.every(({ state }) => state !== 'pending');
    });
    expect(await places()).toEqual([...DATABASES, 'journal-main', 'journal-standby'].sort());
    const erased = await command.run(
      ['erase', '--site', SITE, '--email', '-', '--yes', '--json', '--journal', ...journals()],
      { input: ADDRESS },
    );
    expect({ code: erased.code, stderr: erased.stderr }).toMatchObject({ code: 0 });
    const { receipt } = JSON.parse(erased.stdout);
    expect(receipt).toMatchObject({ events: 2, journals: { blanked: 2, left: 0 } });
    const ends = Object.values(receipt.copiesEnd as Record<string, string>).map((end) => Date.parse(end));
    expect(Math.min(...ends)).toBeGreaterThan(Date.now() + 3_600_000);
    // Temporal deletes histories a little after its answer.
    let left = ['not looked yet'];
    for (let tries = 0; left.length > 0 && tries < 12; tries++) {
      await pause(tries === 0 ? 0 : 5_000);
      await vacuum();
      left = await places();
    }
    expect(left).toEqual([]);
  }, 300_000);
});
