import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { ingressEnvironment, readIngressConfig } from '../../ingress/config';
import { readConfig, workerEnvironment } from '../../workers/config';

const run = promisify(execFile);
const folder = join('deploy', 'systemd');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
const WORKER = 'chat-events-worker.service';
const SIDECAR = 'chat-events-ingress.service';

/** The lines `NAME=value` of a unit or an environment file; the value of the last one of a name. */
function settingsOf(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/^([A-Za-z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
}

/** Those that are written as comments, too. */
const namesIn = (text: string): string[] => [...text.matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name!).sort();

let units: Record<string, string>;

beforeAll(async () => {
  const names = (await readdir(folder)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  units = Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
});

it('there is a unit for each process of production', () => {
  const others = ['temporal-keys.service', 'temporal-ui@.service', 'temporal@.service'];
  expect(Object.keys(units)).toEqual([SIDECAR, WORKER, 'chat-events-worker@.service', ...others]);
});

it('the unit of one release differs from the other one in its folder, its variables and its name', () => {
  const linesOf = (name: string) => units[name]!.slice(units[name]!.indexOf('[Unit]')).split('\n');
  const [one, each] = [linesOf(WORKER), linesOf('chat-events-worker@.service')];
  expect(each.filter((line) => !one.includes(line) && !line.startsWith('#'))).toEqual([
    'Description=Worker of chat events, release %i',
    'Environment=RELEASE=%i',
    'EnvironmentFile=-/etc/chat-events/worker-%i.env',
    'WorkingDirectory=/opt/chat-events/releases/%i',
  ]);
  expect(one.filter((line) => !each.includes(line))).toHaveLength(2); // description and folder
});

it('the Web UI runs as another user than the server, and does not get its variables', () => {
  const [ui, server] = [settingsOf(units['temporal-ui@.service']!), settingsOf(units['temporal@.service']!)];
  expect(ui['User']).not.toBe(server['User']);
  expect(ui['EnvironmentFile']).toBe('/etc/chat-events/temporal-ui-%i.env');
  expect(server['EnvironmentFile']).toBe('/etc/chat-events/temporal-%i.env');
});

it('systemd finds nothing wrong with them', async () => {
  if (!hasSystemd) return console.warn('Not asked: there is no systemd-analyze here.');
  const own = await mkdtemp(join(tmpdir(), 'units-'));
  try {
    // What they run is not installed here.
    for (const [name, text] of Object.entries(units))
      await writeFile(join(own, name), text.replace(/^(Exec\w+=)\S+/gm, `$1${process.execPath}`));
    const files = Object.keys(units).map((name) => join(own, name.replace('@', '@main')));
    for (const [i, name] of Object.keys(units).entries()) {
      if (name.includes('@')) await writeFile(files[i]!, await readFile(join(own, name)));
    }
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', ...files]);
    // Other units of this machine may have faults of their own.
    expect(
      `${stdout}${stderr}`.split('\n').filter((line) => line.includes(own) || /chat-events|temporal/.test(line)),
    ).toEqual([]);
    for (const file of files) {
      const args = ['security', '--offline=true', '--threshold=20', file];
      await run('systemd-analyze', args); // 2.0 of 10 at most; a unit without any hardening has 9.6
    }
  } finally {
    await rm(own, { recursive: true });
  }
});

it('each is started again, for ever, and given the time to end in order', () => {
  for (const text of Object.values(units)) {
    expect(settingsOf(text)).toMatchObject({ Restart: 'always', StartLimitIntervalSec: '0', RestartSec: '2' });
  }
  const grace: number = workerEnvironment.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);
  expect(Number(settingsOf(units[WORKER]!)['TimeoutStopSec'])).toBeGreaterThanOrEqual(grace + 30);
});

it('its example, unit, compose.yaml and the docs say the same of how long a worker takes to end, and its unit allows longer', async () => {
  const read = (...path: string[]) => readFile(join(...path), 'utf8');
  const said = [
    /after that, and (\d+) s after it/.exec(await read('deploy', 'worker.env.example')),
    /SHUTDOWN_GRACE_SECONDS and (\d+) s more/.exec(await read('deploy', 'docker', 'compose.yaml')),
    /(\d+) s after it at most/.exec(units[WORKER]!),
    /at most (\d+) s after\s+`SHUTDOWN_GRACE_SECONDS`/.exec(await read('docs', 'deploying.md')),
    /at most (\d+) s after\s+`SHUTDOWN_GRACE_SECONDS`/.exec(await read('docs', 'two-clusters.md')),
  ].map((found) => Number(found?.[1]));
  expect(said).toEqual([36, 36, 36, 36, 36]);
  const grace: number = workerEnvironment.shape.SHUTDOWN_GRACE_SECONDS.parse(undefined);
  expect(Number(settingsOf(units[WORKER]!)['TimeoutStopSec'])).toBeGreaterThan(grace + 36);
});

it("chat-events-ops runs the compiled program as the worker's unit does, and tells it its own name", async () => {
  const worker = settingsOf(units[WORKER]!);
  const own = await mkdtemp(join(tmpdir(), 'ops-wrapper-'));
  await writeFile(join(own, 'id'), '#!/bin/sh\necho 0\n', { mode: 0o755 });
  await writeFile(join(own, 'systemd-run'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const env = { PATH: `${own}:${process.env['PATH']}` };
  const called = async (...args: string[]) =>
    (await run(join('deploy', 'chat-events-ops'), args, { env })).stdout.trim().split('\n');
  const given = await called('events', 'show', 'a b');
  for (const [property, name] of [
    ['--uid', 'User'],
    ['--gid', 'Group'],
    ['--property=EnvironmentFile', 'EnvironmentFile'],
    ['--property=WorkingDirectory', 'WorkingDirectory'],
  ]) {
    expect(given).toContain(`${property}=${worker[name!]}`);
  }
  expect(given).toContain('--setenv=OPS_COMMAND=chat-events-ops');
  expect(given.slice(-5)).toEqual(['/usr/bin/node', 'dist/ops/main.js', 'events', 'show', 'a b']);
  expect((await called('migrate')).slice(-2)).toEqual(['/usr/bin/node', 'dist/scripts/migrate.js']);
  const ofRelease = await called('--release', '2026.12.1', 'replay', '--each', '5');
  expect(ofRelease).toContain('--property=WorkingDirectory=/opt/chat-events/releases/2026.12.1');
  expect(ofRelease).toContain('--property=EnvironmentFile=-/etc/chat-events/worker-2026.12.1.env');
  expect(ofRelease.slice(-3)).toEqual(['dist/workers/replay.js', '--each', '5']);
  await rm(own, { recursive: true });
});

it("the worker's example sets what a worker knows, and can be used once its blanks are filled in", async () => {
  const text = await readFile(join('deploy', 'worker.env.example'), 'utf8');
  const ofTheSdk = /^TEMPORAL_(STANDBY_)?(TLS_|API_KEY|GRPC_META_)/;
  for (const name of namesIn(text)) {
    if (!ofTheSdk.test(name)) expect(workerEnvironment.shape).toHaveProperty(name);
  }
  const filledIn = { ...parseEnv(text), SECRETS_KEY: Buffer.alloc(32).toString('base64') };
  expect(readConfig(filledIn)).toMatchObject({
    TEMPORAL_CLUSTER_NAME: 'main',
    TEMPORAL_STANDBY_CLUSTER_NAME: 'standby',
  });
});

it("the sidecar's example sets what a sidecar knows, within the folders of its unit, and can be used as it is", async () => {
  const text = await readFile(join('deploy', 'ingress.env.example'), 'utf8');
  const ofClusters = /^TEMPORAL_/;
  for (const name of namesIn(text)) if (!ofClusters.test(name)) expect(ingressEnvironment.shape).toHaveProperty(name);
  const config = readIngressConfig(parseEnv(text));
  expect(config.publisher.clusters).toMatchObject([{ name: 'main' }, { name: 'standby' }]);
  const { StateDirectory: folder } = settingsOf(units[SIDECAR]!);
  for (const path of [config.JOURNAL_DIR, config.INGRESS_TOKENS_FILE]) expect(path).toMatch(`/var/lib/${folder}/`);
});

it("the servers' examples explain each variable that their configuration reads, and no other", async () => {
  const read = (file: string) => readFile(join('deploy', 'temporal', file), 'utf8');
  const usedBy = (text: string) =>
    [...text.matchAll(/env "([A-Z_]+)"|\$\{([A-Z_]+):-/g)].map(([, one, two]) => one ?? two!);
  const unique = (names: readonly string[]) => [...new Set(names)].sort();
  const fromTheUnit = 'CLUSTER_NAME';
  expect(units['temporal@.service']).toContain(`Environment=${fromTheUnit}=%i`);
  const server = usedBy((await read('temporal.yaml')) + (await read('prepare-stores.sh')));
  expect(unique(server)).toEqual(unique([...namesIn(await read('temporal.env.example')), fromTheUnit]));
  expect(unique(usedBy(await read('ui.yaml')))).toEqual(unique(namesIn(await read('temporal-ui.env.example'))));
});
