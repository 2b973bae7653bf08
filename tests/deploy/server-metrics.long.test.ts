import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServer } from '../../stack/cluster/find-server';
import type { ServerProcess } from '../../stack/spawn-server';
import { dropStores, startTemporalHost } from '../temporal-host';

const isBuilt = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const title = 'the metrics of a server';
const METRICS_OFFSET = 7;

(isBuilt ? describe : describe.skip)(isBuilt ? title : `${title} (skipped: no Temporal server is built here)`, () => {
  const port = 20_900 + (process.pid % 10) * 1_000;
  const stores = `metrics_${process.pid}`;
  let folder: string;
  let server: ServerProcess;
  let named: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'metrics-'));
    const env = { HISTORY_SHARDS: '8' };
    server = await startTemporalHost({ ip: '127.0.0.1', port, stores, logFile: join(folder, 'server.log'), env });
    const text = await readFile('docs/alarms.md', 'utf8');
    const [, section] = /\n## Servers\n([^]*?)\n## /.exec(text)!;
    const rows = section!.matchAll(/^\| `(?:rate\(|increase\()?([a-z_]+)/gm);
    named = [...rows].map(([, name]) => name!);
  }, 300_000);

  afterAll(async () => {
    await server.end(['SIGTERM', 20_000]);
    await dropStores(stores);
    await rm(folder, { recursive: true });
  }, 60_000);

  /** Names of the metrics that it serves, without what Prometheus adds for a histogram. */
  async function served(): Promise<Set<string>> {
    const response = await fetch(`http://127.0.0.1:${port + METRICS_OFFSET}/metrics`);
    const names = [...(await response.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!);
    return new Set(names);
  }

  it('have the names of docs/alarms.md, without the suffixes of OpenTelemetry', async () => {
    // A counter of errors, a gauge of a queue, or the lag of a shard is there once it has a value.
    const atOnce = ['persistence_latency', 'membership_changed_count', 'service_requests'];
    let names = new Set<string>();
    while (!atOnce.every((name) => names.has(name))) {
      expect(server.running()).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 500));
      names = await served().catch(() => new Set());
    }
    const suffixed = [...names].filter((name) => /_(total|milliseconds|ratio)$/.test(name));
    expect(suffixed.filter((name) => !name.startsWith('promhttp_'))).toEqual([]); // those are of the library that serves them
  }, 120_000);

  it('are those of the program: docs/alarms.md names no other', async () => {
    expect(named.length).toBeGreaterThan(6);
    const program = await readFile((await findServer())!.server);
    expect(named.filter((name) => !program.includes(name))).toEqual([]);
  });
});
