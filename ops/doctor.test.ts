import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { insertConnection } from '../db/connections';
import { onPool } from '../db/tx';
import { relations } from '../activities/consumers/relations';
import { temporalCli } from '../stack/temporal-cli';
import { createEmptyDatabase } from '../tests/database';
import { openOpsCommand } from '../tests/ops-command';
import { startSilentServer } from '../tests/silent-server';
import type { DatabaseFacts } from '../db/inspect-database';
import { examine } from './doctor';
import { checkStoreRoom } from './doctor/check-cluster-store';
import type { Finding } from './doctor/finding';

const address = process.env['TEST_TEMPORAL_ADDRESS'];
const run = promisify(execFile);

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let largeEvents: string;
let environment: NodeJS.ProcessEnv;
/** All that was found so far. */
let said = '';

/** The run's PostgreSQL does not wait for its disk (tests/global-setup.ts), which the doctor would object to. */
let waitedForDisk = 'on';
async function waitForDisk(value: string): Promise<void> {
  const asked = async () => (await command.pool.query<{ fsync: string }>('show fsync')).rows[0]?.fsync ?? '';
  waitedForDisk = await asked();
  if (waitedForDisk === value) return;
  await command.pool.query(`alter system set fsync = ${value}`);
  await command.pool.query('select pg_reload_conf()');
  while ((await asked()) !== value); // sessions learn of it a moment later
}

beforeAll(async () => {
  command = await openOpsCommand();
  await waitForDisk('on');
  environment = { DATABASE_URL: command.url, SECRETS_KEY: command.key, TEMPORAL_ADDRESS: address };
  const insert = 'insert into subscription (data_queue, event_type, consumer) values ($1, $2, $3)';
  for (const { dataQueue, type, consumer } of relations) await command.pool.query(insert, [dataQueue, type, consumer]);
  largeEvents = join(command.dir, 'large-events');
  await mkdir(largeEvents);
  await mkdir(join(command.dir, 'bin'));
  await symlink(await temporalCli(), join(command.dir, 'bin', 'temporal'));
});

afterAll(async () => {
  await waitForDisk(waitedForDisk);
  await command.close();
});

/** In this process, where the command would take seconds to start. */
async function look(env: NodeJS.ProcessEnv) {
  const findings = await examine({ ...environment, ...env });
  said += JSON.stringify(findings);
  const of = (of: string, check?: string): Finding[] =>
    findings.filter((one) => one.of === of && (check ?? one.check) === one.check);
  return { failed: findings.some(({ state }) => state === 'fail'), of };
}

/** The server's own parts learn of what was made a moment later. */
async function lookOnceKnown(env: NodeJS.ProcessEnv, unknown: RegExp) {
  for (;;) {
    const before = said.length;
    const findings = await look(env);
    if (!unknown.test(said.slice(before))) return findings;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Runs what the doctor says, as it stands there. */
async function follow(remedy = ''): Promise<void> {
  const line = remedy.replace(/ {5}\(or .*\)$/, '');
  expect(line).toMatch(/^temporal operator /);
  const PATH = [join(command.dir, 'bin'), process.env['PATH']].join(delimiter);
  await run('sh', ['-c', `${line} --command-timeout 60s`], { env: { PATH, HOME: command.dir } });
}

it('names what a cluster lacks, one after the other, with the commands that make it', async () => {
  const TEMPORAL_NAMESPACE = `doctor-${randomUUID().slice(0, 8)}`;
  const env = { TEMPORAL_NAMESPACE, LARGE_EVENTS_DIR: largeEvents, TEMPORAL_RETENTION_HOURS: '72' };
  const without = await look(env);
  expect(without.failed).toBe(true);
  expect(without.of('main').map(({ check, state }) => [check, state])).toEqual([
    ['reachable', 'ok'],
    ['namespace', 'fail'],
  ]);
  await follow(without.of('main', 'namespace')[0]?.remedy);

  const bare = await lookOnceKnown(env, /there is no namespace/);
  expect(bare.failed).toBe(true);
  expect(bare.of('main', 'cluster name')).toEqual([{ of: 'main', check: 'cluster name', state: 'ok', found: 'main' }]);
  const [attributes] = bare.of('main', 'search attributes');
  expect(attributes).toMatchObject({ state: 'fail', found: 'missing: SiteId, EventType, ParkedQueues' });
  await follow(attributes?.remedy);

  const whole = await lookOnceKnown(env, /missing: /);
  const failed = [...whole.of('main'), ...whole.of('database'), ...whole.of('this process')].filter(
    ({ state }) => state !== 'ok',
  );
  expect(failed.map(({ of, check, state }) => [of, check, state])).toEqual([
    ['main', 'installation', 'warn'],
    ['main', 'workers', 'warn'],
    ['main', 'sweep', 'warn'],
    ['this process', 'configuration', 'warn'], // no standby
  ]);
  expect(whole.of('main', 'sweep')).toMatchObject([{ found: 'there is no schedule "sweep"' }]);
  expect(whole.failed).toBe(false);
  expect(await command.ops('doctor', { env: { TEMPORAL_ADDRESS: address, ...env } })).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ok {4}main .*reachable .*without TLS$/m),
  });
  expect(whole.of('main', 'clock')).toMatchObject([{ state: 'ok', found: 'the same as here' }]);
  expect(await readdir(largeEvents)).toEqual([]);

  const mixedUp = await look({ ...env, TEMPORAL_CLUSTER_NAME: 'second', TEMPORAL_RETENTION_HOURS: '96' });
  expect(mixedUp.of('second', 'cluster name')).toMatchObject([
    { state: 'fail', found: 'it is "main", and not "second"' },
  ]);
  const [retention] = mixedUp.of('second', 'retention');
  expect(retention).toMatchObject({ state: 'warn', found: '72 h' });
  await follow(retention?.remedy);
  expect((await look({ ...env, TEMPORAL_RETENTION_HOURS: '96' })).of('main', 'retention')).toMatchObject([
    { state: 'ok' },
  ]);
});

it('has one failed line for a server that is silent, and one for a server that is not there, and goes on', async () => {
  const silent = await startSilentServer();
  try {
    const began = Date.now();
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:9', TEMPORAL_STANDBY_ADDRESS: silent.address };
    const { of } = await look(env);
    expect(of('main')).toMatchObject([
      { check: 'reachable', state: 'fail', found: expect.stringContaining('127.0.0.1:9') },
    ]);
    expect(of('standby')).toMatchObject([
      { check: 'reachable', state: 'fail', remedy: expect.stringContaining('TEMPORAL_STANDBY_ADDRESS') },
    ]);
    expect(of('database', 'migrations')).toMatchObject([{ state: 'ok' }]);
    expect(Date.now() - began).toBeLessThan(60_000);
    const database = {
      TEMPORAL_ADDRESS: '127.0.0.1:9',
      DATABASE_URL: `postgres://someone:secret@${silent.address}/none`,
    };
    const noDatabase = await command.ops('doctor', { env: database });
    expect(noDatabase).toMatchObject({ code: 1, stdout: expect.stringMatching(/^fail {2}database .*reachable/m) });
    expect(noDatabase.stdout.match(/^\w+ +database /gm)).toHaveLength(1);
  } finally {
    await silent.close();
  }
});

it('says what a database lacks', async () => {
  const empty = await createEmptyDatabase();
  try {
    const { of } = await look({ DATABASE_URL: empty.url });
    expect(of('database', 'migrations')).toEqual([
      { of: 'database', check: 'migrations', state: 'fail', found: 'it has no tables', remedy: 'npm run migrate' },
    ]);
    expect(of('database', 'subscriptions')).toEqual([]);
  } finally {
    await empty.drop();
  }
  await command.pool.query("delete from subscription where data_queue = 'Agent.Ban'");
  await command.pool.query("delete from _prisma_migrations where migration_name like '%oldest_parked'");
  const behind = await look({});
  expect(behind.of('database', 'migrations')).toMatchObject([
    { state: 'fail', found: expect.stringMatching(/^1 are missing: 2/) },
  ]);
  await command.pool.query(
    "insert into _prisma_migrations (id, checksum, migration_name, finished_at) select 'x', '', $1, now()",
    [/missing: (.*)/.exec(behind.of('database', 'migrations')[0]!.found)![1]],
  );
  const { of } = await look({});
  expect(of('database', 'migrations')).toMatchObject([{ state: 'ok' }]);
  expect(of('database', 'subscriptions')).toMatchObject([
    { state: 'fail', found: 'there is no subscription Agent.Ban', remedy: 'npm run seed' },
  ]);
});

it('checks the databases of the clusters whose addresses it is given', async () => {
  const store = await createEmptyDatabase();
  try {
    const { of } = await look({
      TEMPORAL_DATABASE_URL: store.url,
      TEMPORAL_STANDBY_ADDRESS: '127.0.0.1:9',
      TEMPORAL_STANDBY_DATABASE_URL: 'postgres://someone:secret@127.0.0.1:9/none',
    });
    expect(of("main's database").map(({ check, state }) => [check, state])).toEqual([
      ['reachable', 'ok'],
      ['durability', 'ok'],
      ['connections', 'ok'],
    ]);
    expect(of("main's database", 'connections')[0]?.found).toMatch(
      /^0 from 1 host, at most 80; there is room for \d+$/,
    );
    expect(of("standby's database")).toMatchObject([
      { check: 'reachable', state: 'fail', remedy: 'Start it, or correct TEMPORAL_STANDBY_DATABASE_URL.' },
    ]);
    expect((await look({})).of("main's database")).toEqual([]);
  } finally {
    await store.drop();
  }
});

it('says how many connections the hosts of a cluster need', () => {
  const facts = { maxConnections: 100, reservedConnections: 3, connections: 70 } as DatabaseFacts; // all that counts
  expect(checkStoreRoom(facts, { connections: 60, hosts: 1 })).toMatchObject({ state: 'ok' });
  expect(checkStoreRoom(facts, { connections: 60, hosts: 2 })).toEqual({
    check: 'connections',
    state: 'warn',
    found: '60 from 2 hosts, at most 160; there is room for 87',
    remedy: 'Set max_connections to 173, or lower POSTGRES_CONNECTIONS of the hosts.',
  });
});

it('opens the secrets of all connections, and prints none', async () => {
  const id = randomUUID();
  const sealed = createSecretBox(command.key).seal(id, { secret: 'whsec_unheard' });
  const settings = { config: {}, eventTypes: [], maxInFlight: 1, ratePerSecond: null };
  const connection = { id, siteId: '7', consumer: 'webhook', name: 'crm', ...settings };
  await insertConnection(onPool(command.pool), { ...connection, secrets: sealed.bytes, secretsKeyId: sealed.keyId });
  expect((await look({})).of('database', 'secrets')).toMatchObject([{ state: 'ok', found: 'all 1 open' }]);
  const other = newSecretsKey();
  const [rotating] = (await look({ SECRETS_KEY: other, SECRETS_KEY_PREVIOUS: command.key })).of('database', 'secrets');
  expect(rotating).toMatchObject({ state: 'warn', remedy: 'npm run ops -- connections rotate-key' });
  const [lost] = (await look({ SECRETS_KEY: other })).of('database', 'secrets');
  expect(lost).toMatchObject({
    state: 'fail',
    found: '1 of 1 cannot be opened: 7/webhook/crm',
    remedy: expect.stringContaining(`Set the key ${sealed.keyId} as SECRETS_KEY_PREVIOUS`),
  });
  await command.pool.query('update connection set secrets = $1', [Buffer.alloc(64)]);
  const [changed] = (await look({})).of('database', 'secrets');
  expect(changed).toMatchObject({ state: 'fail', remedy: 'npm run ops -- connections mend 7/webhook/crm --secrets -' });
  const { password } = new URL(command.url);
  for (const secret of ['whsec_unheard', command.key, other, password])
    expect(said + command.seen.printed).not.toContain(secret);
});

it('names each mistake in the configuration', async () => {
  const { code, stdout } = await command.ops('doctor', { env: { POLLERS: 'many', WORKER_PORT: '-1' } });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^fail {2}this process {2}configuration [^]*WORKER_PORT[^]*POLLERS/);
});
