/**
 * What parked deliveries cost while nothing else happens: the CPU of both clusters, of PostgreSQL and of the worker, first without any, then with
 * so many, each with its open workflow. Run it with `npx tsx lab/bench/parked.ts`, after `npm run build`.
 */
import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { eachOf } from '../../activities/maintenance/each-of';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { NAMESPACE, TASK_QUEUE, WORKFLOW_TYPE } from '../../protocol/constants';
import { startStack } from '../../stack/start-stack';
import { number, runCommandLine } from '../command-line';
import { createCpuReader } from '../process-usage';
import { parkEvents } from '../queries/park-events';
import { startWorkerProcess } from '../worker-process';

const USAGE = `npx tsx lab/bench/parked.ts [--parked N] [--seconds N]

  --parked N   deliveries; default 10000
  --seconds N  of each measurement; default 60`;

const STARTS_AT_ONCE = 4;
const SETTLES_IN_MS = 30_000;

async function main({ parked, seconds }: { readonly parked: number; readonly seconds: number }): Promise<void> {
  const readCpu = createCpuReader();
  if (readCpu === undefined) throw new Error('The CPU of processes is measured by /proc.');
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-parked-'));
  const stack = await startStack({ availableConsumers: ['persistence'], withStandby: true });
  const pool = createPool(stack.postgres.url);
  const worker = await startWorkerProcess({
    args: ['dist/workers/main.js'],
    env: {
      DATABASE_URL: stack.postgres.url,
      TEMPORAL_ADDRESS: stack.temporal.address,
      TEMPORAL_STANDBY_ADDRESS: stack.standby?.address ?? '',
    },
    logFile: join(folder, 'worker.log'),
  });
  const connection = Connection.lazy({ address: stack.temporal.address });
  const client = new WorkflowClient({ connection, namespace: NAMESPACE });
  const pids = {
    main: stack.temporal.pid ?? 0,
    standby: stack.standby?.pid ?? 0,
    postgres: stack.postgres.pid ?? 0,
    worker: worker.pid,
  };
  const measure = async (): Promise<Record<string, number>> => {
    await pause(SETTLES_IN_MS);
    const read = (): number[] => Object.values(pids).map(readCpu);
    const before = read();
    await pause(seconds * 1_000);
    const after = read();
    return Object.fromEntries(
      Object.keys(pids).map((name, i) => [name, ((after[i] ?? 0) - (before[i] ?? 0)) / seconds]),
    );
  };
  try {
    const empty = await measure();
    show('nothing is parked', empty);
    const keys = await parkEvents(onPool(pool), parked);
    const rest = keys[Symbol.iterator]();
    const start = async (key: string): Promise<void> => {
      await client.start(WORKFLOW_TYPE, { taskQueue: TASK_QUEUE, workflowId: key, args: [{ key }] });
    };
    const undone = await Promise.all(Array.from({ length: STARTS_AT_ONCE }, () => eachOf(rest, Infinity, start)));
    if (undone.flat().length > 0) throw new Error(`${undone.flat().length} workflows could not be started.`);
    while ((await client.count(`ParkedQueues = "Agent.Ban" AND ExecutionStatus = "Running"`)).count < parked)
      await pause(1_000);
    const full = await measure();
    show(`${parked} are parked`, full);
    const more = Object.entries(full).map(([name, cores]) => cores - (empty[name] ?? 0));
    const cores = more.reduce((sum, one) => sum + one, 0);
    console.log(`The parked ones cost ${(100 * cores).toFixed(1)} % of a core.`);
  } finally {
    await connection.close();
    await worker.stop();
    await pool.end();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const show = (what: string, cores: Readonly<Record<string, number>>): void => {
  const parts = Object.entries(cores).map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`);
  console.log(`${what}: of a core ${parts.join(', ')}`);
};

runCommandLine(USAGE, { parked: number(10_000), seconds: number(60) }, main);
