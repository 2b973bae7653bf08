import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { pino, type Logger } from 'pino';
import type { Consumer } from '../activities/consumer';
import { createPool } from '../db/pool';
import { readConfig, type WorkerConfig } from '../workers/config';
import type { Tracing } from '../workers/start-tracing';
import { startWorker, type RunningWorker } from '../workers/start-worker';
import { NAMESPACE, TASK_QUEUE, WORKFLOW_TYPE } from '../protocol/constants';
import { createDatabase } from './database';

export interface RunningOptions {
  /** Instead of the product's, by name. */
  readonly consumers?: Readonly<Record<string, Consumer>>;
  /** Over the defaults: a fresh database, namespace and the run's servers. */
  readonly environment?: Partial<Record<keyof WorkerConfig, string>>;
  readonly log?: Logger;
  readonly tracing?: Tracing | undefined;
}

export interface Running {
  readonly config: WorkerConfig;
  readonly worker: RunningWorker;
  readonly client: Client;
  readonly pool: Pool;
  /** Starts processChatEvent as any SDK would. */
  start(input: unknown, workflowId?: string): Promise<{ workflowId: string; result(): Promise<unknown> }>;
  /** Rows of deliveries of an event key, by label. */
  deliveries(key: string): Promise<Record<string, Record<string, unknown>>>;
  /** Resolves when `isSo`, asked every 50 ms, says so; the test's own time-out bounds it. */
  until(isSo: () => Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

/** A worker in this process on the test run's servers, with a database and a namespace of its own. */
export async function runWorker({ consumers, environment, log, tracing }: RunningOptions = {}): Promise<Running> {
  const database = await createDatabase();
  const config = readConfig({
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: `${NAMESPACE}-${randomUUID().slice(0, 8)}`,
    WORKER_PORT: '0',
    WORKFLOW_BUNDLE: process.env['WORKFLOW_BUNDLE'],
    SWEEP_EVERY_SECONDS: '1',
    OVERDUE_AFTER_SECONDS: '2',
    SHUTDOWN_GRACE_SECONDS: '2',
    ...environment,
  });
  const pool = createPool(config.DATABASE_URL);
  const worker = await startWorker(config, {
    log: log ?? pino({ level: 'silent' }),
    tracing,
    ...(consumers && { consumers }),
  });
  await Promise.race([worker.ready, worker.done]);
  const connection = await Connection.connect({ address: config.TEMPORAL_ADDRESS });
  const client = new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
  return {
    config,
    worker,
    client,
    pool,
    start: (input, workflowId = randomUUID()) =>
      client.workflow.start(WORKFLOW_TYPE, { taskQueue: TASK_QUEUE, workflowId, args: [input] }),
    deliveries: async (key) => {
      const { rows } = await pool.query('select * from delivery where event_key = $1', [key]);
      return Object.fromEntries(rows.map((row) => [row.label as string, row as Record<string, unknown>]));
    },
    until: async (isSo) => {
      while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 50));
    },
    stop: async () => {
      await worker.stop();
      await client.schedule
        .getHandle('sweep')
        .delete()
        .catch(() => {}); // else the server starts it every second until the tests end
      await connection.close();
      await pool.end();
      await database.drop();
    },
  };
}
