import { execFile, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { Connection, WorkflowClient } from '@temporalio/client';
import { createPublisher, type Publisher } from '../../client';
import { createPool } from '../../db/pool';
import { examine } from '../../ops/doctor';
import { RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../../protocol/constants';
import type { ServerProcess } from '../../stack/spawn-server';
import { createDatabase, type TestDatabase } from '../database';
import { startTcpBalancer, type TcpBalancer } from '../tcp-balancer';
import { dropStores, startTemporalHost } from '../temporal-host';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

const run = promisify(execFile);
const isBuilt = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const title = 'a cluster of two hosts that asks for tokens';
const NAMESPACE = 'chat-events';
const IPS = ['127.0.0.1', '127.0.0.2'] as const;
const EVENT = { SiteId: 7, BanType: 0, IpFromOrVisitorId: 1 };
/** Between starts, in milliseconds. */
const ASK_EVERY_MS = 100;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

(isBuilt ? describe : describe.skip)(isBuilt ? title : `${title} (skipped: no Temporal server is built here)`, () => {
  const port = 20_200 + (process.pid % 10) * 1_000;
  const stores = `hosts_${process.pid}`;
  const hosts = new Map<string, ServerProcess>();
  let folder: string;
  let keys: Server;
  let balancer: TcpBalancer;
  let address: string;
  let database: TestDatabase;
  let pool: Pool;
  let worker: ChildProcess;
  let publisher: Publisher;
  let publishing = false;
  const file = (name: string) => join(folder, name);

  async function makeToken(hours: number, ...roles: string[]): Promise<string> {
    const args = ['deploy/temporal/make-token.mjs', 'token', file('key.pem'), 'test', String(hours), ...roles];
    return (await run(process.execPath, args)).stdout.trim();
  }

  async function writeToken(name: string, hours: number, ...roles: string[]): Promise<void> {
    await writeFile(file('new'), await makeToken(hours, ...roles));
    await rename(file('new'), file(name));
  }

  async function startHost(ip: string): Promise<void> {
    const { port: keysPort } = keys.address() as AddressInfo;
    const env = { JWT_KEYS_URL: `http://127.0.0.1:${keysPort}/`, LOG_LEVEL: 'warn' };
    hosts.set(ip, await startTemporalHost({ ip, port, stores, logFile: file(`${ip}.log`), env }));
    await untilServing(ip);
  }

  async function untilServing(ip: string): Promise<void> {
    const connection = Connection.lazy({ address: `${ip}:${port}`, tls: false, interceptors: [] });
    for (;;) {
      expect(hosts.get(ip)?.running()).toBe(true);
      const answer = await connection
        .withDeadline(Date.now() + 1_000, () =>
          connection.healthService.check({ service: 'temporal.api.workflowservice.v1.WorkflowService' }),
        )
        .catch(() => undefined);
      if (answer?.status === 1) break;
      await pause(100);
    }
    await connection.close();
  }

  const publishTo = (options: { apiKey?: string; apiKeyFile?: string; journal?: string; deadlineMs?: number }) =>
    createPublisher({
      clusters: [{ name: 'main', address, tls: false, apiKey: options.apiKey, apiKeyFile: options.apiKeyFile }],
      deadlineMs: options.deadlineMs ?? 10_000,
      ...(options.journal !== undefined && { journal: { dir: options.journal } }),
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hosts-'));
    await run(process.execPath, ['deploy/temporal/make-token.mjs', 'key', file('key.pem'), file('keys.json')]);
    keys = createServer((_, response) => void readFile(file('keys.json')).then((set) => response.end(set)));
    await once(keys.listen(0, '127.0.0.1'), 'listening');
    balancer = await startTcpBalancer(IPS.map((host) => ({ host, port })));
    address = balancer.address;
    database = await createDatabase();
    pool = createPool(database.url, { max: 1 });
    await run(process.execPath, ['--import', 'tsx', 'prisma/seed.ts'], {
      env: { ...process.env, DATABASE_URL: database.url },
    });
    for (const ip of IPS) await startHost(ip); // one after the other: the first makes the tables
    await writeToken('worker', 1, `${NAMESPACE}:admin`);
    const token = { TEMPORAL_API_KEY_FILE: file('worker'), TEMPORAL_TLS: 'false' };
    worker = await startWorkerProcess({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, ...token });
  }, 300_000);

  afterAll(async () => {
    publishing = false;
    await publisher?.close();
    if (worker) await endWorkerProcess(worker, 'SIGKILL');
    for (const host of hosts.values()) await host.end(['SIGTERM', 20_000]);
    await balancer?.close();
    keys.close();
    await pool.end();
    await dropStores(stores);
    await database.drop();
    await rm(folder, { recursive: true });
  }, 120_000);

  it('refuses a publisher without a token, with an expired one, one of another namespace or of another key, and says which', async () => {
    await run(process.execPath, ['deploy/temporal/make-token.mjs', 'key', file('other.pem'), file('other.json')]);
    const foreign = ['deploy/temporal/make-token.mjs', 'token', file('other.pem'), 'test', '1', `${NAMESPACE}:write`];
    const expired = await makeToken(0.0003, `${NAMESPACE}:write`); // of one second
    await pause(2_000);
    const cases = [
      [undefined, /No token was sent\./],
      [expired, /The token of "test" expired at 20/],
      [await makeToken(1, 'other:write'), /has no role in the namespace chat-events, but other:write/],
      [await makeToken(1, `${NAMESPACE}:read`), /has the role chat-events:read: the call needs another one/],
      [(await run(process.execPath, foreign)).stdout.trim(), /or the server does not know the key that has signed it/],
    ] as const;
    for (const [apiKey, said] of cases) {
      const refused = publishTo({ ...(apiKey !== undefined && { apiKey }), deadlineMs: 3_000 });
      await expect(refused.publish('Agent.Ban', EVENT)).rejects.toThrow(said);
      await refused.close();
    }
  }, 60_000);

  it('doctor says what a token lacks, and prints the commands for names that it may not make', async () => {
    const look = async (env: NodeJS.ProcessEnv) => {
      const all = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'false', ...env };
      return (await examine(all)).filter(({ of }) => of === 'main');
    };
    await writeToken('writer', 1, `${NAMESPACE}:write`, 'elsewhere:write');
    const env = { TEMPORAL_API_KEY_FILE: file('writer') };
    const whole = await look(env);
    expect(whole.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(whole[0]?.found).toMatch(/without TLS with an API key$/);
    const [reachable, namespace] = await look({});
    expect(reachable?.state).toBe('ok');
    expect(namespace).toMatchObject({ state: 'fail', found: expect.stringMatching(/No token was sent/) });
    const bare = await look({ ...env, TEMPORAL_NAMESPACE: 'elsewhere' });
    expect(bare.at(-1)).toMatchObject({ remedy: expect.stringMatching(/namespace create --namespace elsewhere/) });
  }, 60_000);

  it('loses nothing while a token is renewed, a host is stopped and the other one is killed', async () => {
    // Half a minute; the worker's own was for an hour, and is withdrawn by a shorter one.
    await writeToken('worker', 0.008, `${NAMESPACE}:write`);
    await writeToken('publisher', 0.008, `${NAMESPACE}:write`);
    publisher = publishTo({ apiKeyFile: file('publisher'), journal: file('journal'), deadlineMs: 60_000 });
    const keys: string[] = [];
    const refused: unknown[] = [];
    publishing = true;
    const load = (async () => {
      while (publishing) {
        await publisher.publish('Agent.Ban', EVENT).then(
          (receipt) => keys.push(receipt.key),
          (error: unknown) => refused.push(error),
        );
        await pause(ASK_EVERY_MS);
      }
    })();
    const admin = await makeToken(1, `${NAMESPACE}:write`);
    await pause(15_000);
    await writeToken('worker', 1, `${NAMESPACE}:write`);
    await writeToken('publisher', 1, `${NAMESPACE}:write`);
    await pause(20_000); // the short ones are over
    expect(refused).toEqual([]);
    await untilRecorded([...keys]); // more are published meanwhile
    const [first, second] = IPS;
    const stopped = await longestRefusal(second, admin, () => hosts.get(first)!.end(['SIGTERM', 60_000]));
    await startHost(first);
    await pause(10_000);
    const killed = await longestRefusal(first, admin, () => hosts.get(second)!.end(['SIGKILL', 10_000]));
    await startHost(second);
    publishing = false;
    await load;
    console.log({ refusedMs: { stopped, killed }, events: keys.length });
    expect(refused).toEqual([]);
    await untilRecorded(keys);
    expect(await countsOf(keys)).toEqual({ events: keys.length, delivered: keys.length });
    expect(stopped).toBeLessThanOrEqual(2_000);
    expect(killed).toBeLessThanOrEqual(15_000);
  }, 300_000);

  it('keeps the number of shards of its first start', async () => {
    await hosts.get(IPS[1])!.end(['SIGTERM', 30_000]);
    const env = { HISTORY_SHARDS: '8', LOG_LEVEL: 'info' };
    hosts.set(IPS[1], await startTemporalHost({ ip: IPS[1], port, stores, logFile: file('again.log'), env }));
    await untilServing(IPS[1]);
    const log = await readFile(file('again.log'), 'utf8');
    expect(log).toMatch(/"ignored-value":8,"value":512|numHistoryShards.*512/);
  }, 120_000);

  /** Asks one frontend for a start again and again, from before `fault` until 20 s after it. @returns the longest time without one, in ms */
  async function longestRefusal(ip: string, apiKey: string, fault: () => Promise<void>): Promise<number> {
    const connection = Connection.lazy({ address: `${ip}:${port}`, tls: false, apiKey, interceptors: [] });
    const client = new WorkflowClient({ connection, namespace: NAMESPACE });
    const done: { began: number; ok: boolean }[] = [];
    const calls: Promise<unknown>[] = [];
    let isOver = false;
    const asking = (async () => {
      while (!isOver) {
        const began = performance.now();
        const id = `asked/${ip}/${began}`;
        const options = { taskQueue: TASK_QUEUE, workflowId: id, args: [[]], workflowExecutionTimeout: 10_000 };
        const call = connection
          .withDeadline(Date.now() + 2_000, () => client.start(RECORDED_EVENTS_TYPE, options))
          .then(
            () => done.push({ began, ok: true }),
            () => done.push({ began, ok: false }),
          );
        calls.push(call);
        await pause(ASK_EVERY_MS);
      }
    })();
    await pause(2_000);
    await fault();
    await pause(20_000);
    isOver = true;
    await asking;
    await Promise.all(calls);
    await connection.close();
    const starts = done.toSorted((a, b) => a.began - b.began);
    let longest = 0;
    let since: number | undefined;
    for (const { began, ok } of starts) {
      if (ok) since = undefined;
      else longest = Math.max(longest, began - (since ??= began) + ASK_EVERY_MS);
    }
    return Math.round(longest);
  }

  async function countsOf(keys: readonly string[]) {
    const text = `select (select count(*)::int from event where key = any($1)) as events,
      (select count(*)::int from delivery where event_key = any($1) and state = 'delivered') as delivered`;
    const { rows } = await pool.query<{ events: number; delivered: number }>(text, [keys]);
    return rows[0]!;
  }

  async function untilRecorded(keys: readonly string[]): Promise<void> {
    while ((await countsOf(keys)).delivered < keys.length) await pause(500);
  }
});
