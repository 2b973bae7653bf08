import { execFile, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Pool } from 'pg';
import { Client, Connection, isGrpcServiceError, WorkflowClient } from '@temporalio/client';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { atRate } from '../../lab/at-rate';
import { TASK_QUEUE, WORKFLOW_TYPE } from '../../protocol/constants';
import { grpcHealth } from '../../stack/grpc-health';
import type { ServerProcess } from '../../stack/spawn-server';
import { createDatabase, type TestDatabase } from '../database';
import { dropStores, startTemporalHost } from '../temporal-host';
import { endWorkerProcess, startWorkerProcess } from '../worker-process';

const isBuilt = spawnSync(process.execPath, ['scripts/setup.mjs', '--find-server']).status === 0;
const title = 'a flood of starts by another SDK';
const NAMESPACE = 'chat-events';
const RESOURCE_EXHAUSTED = 8;
/** Calls per second, in the place of the limit of deploy/: low enough for any machine to go beyond it. */
const LIMIT = 60;
const FLOOD = { perSecond: 4 * LIMIT, seconds: 20 };
const event = { SiteId: 7, BanType: 0, IpFromOrVisitorId: 1 };

(isBuilt ? describe : describe.skip)(isBuilt ? title : `${title} (skipped: no Temporal server is built here)`, () => {
  const port = 20_700 + (process.pid % 10) * 1_000;
  const address = `127.0.0.1:${port}`;
  const stores = `limits_${process.pid}`;
  let folder: string;
  let server: ServerProcess;
  let database: TestDatabase;
  let pool: Pool;
  let worker: ChildProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'limits-'));
    const limits = { 'frontend.namespaceRPS': LIMIT, 'system.operatorRPSRatio': 1, 'matching.enableFairness': true };
    const lines = Object.entries(limits).map(([name, value]) => `${name}: [{ value: ${value} }]`);
    await writeFile(join(folder, 'dynamic.yaml'), lines.join('\n'));
    const env = { DYNAMIC_CONFIG: join(folder, 'dynamic.yaml'), HISTORY_SHARDS: '8' };
    server = await startTemporalHost({ ip: '127.0.0.1', port, stores, logFile: join(folder, 'server.log'), env });
    database = await createDatabase();
    pool = createPool(database.url, { max: 1 });
    await promisify(execFile)(process.execPath, ['--import', 'tsx', 'prisma/seed.ts'], {
      env: { ...process.env, DATABASE_URL: database.url },
    });
    while (!(await grpcHealth(address, 1_000))) if (!server.running()) throw new Error(await server.exited);
    // As deploy/worker.env.example has it.
    const first = { TEMPORAL_GRPC_META_CALLER_TYPE: process.env['CALLER_TYPE'] ?? 'operator' };
    worker = await startWorkerProcess({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, ...first });
  }, 300_000);

  afterAll(async () => {
    if (worker) await endWorkerProcess(worker, 'SIGKILL');
    await server.end(['SIGTERM', 20_000]);
    await pool.end();
    await dropStores(stores);
    await database.drop();
    await rm(folder, { recursive: true });
  }, 120_000);

  it('is refused at the limit, while workers and sweep go on, and delays a publisher by a minute at most', async () => {
    const connection = Connection.lazy({ address, interceptors: [] });
    const foreign = new WorkflowClient({ connection, namespace: NAMESPACE });
    const journal = { dir: join(folder, 'journal') };
    const publisher = createPublisher({ clusters: [{ name: 'main', address }], journal, deadlineMs: 60_000 });
    const keys: string[] = [];
    let publishing = true;
    const load = (async () => {
      while (publishing) {
        keys.push((await publisher.publish('Agent.Ban', event)).key);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    await untilDelivered([...keys]); // more are published meanwhile

    const began = new Date();
    const before = await countDelivered();
    const codes = await atRate(FLOOD.perSecond, Array.from({ length: FLOOD.perSecond * FLOOD.seconds }), () =>
      connection
        .withDeadline(Date.now() + 10_000, () =>
          foreign.start(WORKFLOW_TYPE, {
            taskQueue: TASK_QUEUE,
            workflowId: randomUUID(),
            args: [{ type: 'Agent.Ban', data: { ...event, SiteId: 8 } }],
          }),
        )
        .then(
          () => 0,
          ({ cause }: Error) => (isGrpcServiceError(cause) ? cause.code : -1),
        ),
    );
    const ended = Date.now();
    const during = await countDelivered();
    const waiting = publisher.status();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    publishing = false;
    await load;
    await untilDelivered(keys);
    const caughtUpMs = Date.now() - ended;

    const [accepted, refused] = [0, RESOURCE_EXHAUSTED].map((code) => codes.filter((one) => one === code).length);
    const sweeps = await countSweeps(began);
    console.log({
      accepted,
      refused,
      others: codes.length - accepted! - refused!,
      deliveredMeanwhile: during - before,
      sweeps,
      cluster: waiting.clusters[0],
      caughtUpMs,
    });
    const seconds = (ended - began.getTime()) / 1000;
    expect(refused).toBeGreaterThan(0);
    expect(accepted).toBeLessThanOrEqual(LIMIT * (seconds + 2)); // it may save up two seconds of it
    expect(during - before).toBeGreaterThan(0);
    expect(sweeps).toBeGreaterThan(0);
    expect(waiting.clusters).toMatchObject([{ name: 'main', verdict: expect.stringMatching(/^(up|slow)$/) }]);
    expect(caughtUpMs).toBeLessThan(60_000);
    await publisher.close();
    await connection.close();
  }, 300_000);

  async function countDelivered(keys?: readonly string[]): Promise<number> {
    const text = `select count(*)::int as n from delivery where state = 'delivered' and ($1::text[] is null or event_key = any($1))`;
    const { rows } = await pool.query<{ n: number }>(text, [keys ?? null]);
    return rows[0]!.n;
  }

  async function untilDelivered(keys: readonly string[]): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 250));
    while ((await countDelivered(keys)) < keys.length);
  }

  /** Rounds of the sweep that have ended since. */
  async function countSweeps(since: Date): Promise<number> {
    const connection = Connection.lazy({ address });
    const client = new Client({ connection, namespace: NAMESPACE });
    const query = `WorkflowType = 'sweepDeliveries' and ExecutionStatus = 'Completed' and StartTime > '${since.toISOString()}'`;
    const { count } = await client.workflow.count(query);
    await connection.close();
    return count;
  }
});
