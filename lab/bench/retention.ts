/**
 * What recording loses while retention deletes: events per second of the statements alone, with and without a round of retention beside them.
 * Run it with `npx tsx lab/bench/retention.ts`, after `npm run build`.
 */
import { Connection, WorkflowClient } from '@temporalio/client';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../db/pool';
import { setRetention } from '../../db/retention';
import { onPool } from '../../db/tx';
import { NAMESPACE, TASK_QUEUE } from '../../protocol/constants';
import { startStack } from '../../stack/start-stack';
import { flag, number, runCommandLine } from '../command-line';
import { countWhole } from '../queries/counts';
import { fillDatabase } from '../queries/fill-database';
import { startWorkerProcess } from '../worker-process';
import { measureStatements } from './statements';

const USAGE = `npx tsx lab/bench/retention.ts [--settled N] [--events N] [--rounds N] [--tables]

  --settled N  events that are to be deleted; default 100000
  --events N   that are recorded in each block; default 20000
  --rounds N   of a block without and one with retention; default 4
  --tables     delete the rows of their tables, too`;

/** Of the events that are there before. */
const TYPE = 'Chat.Ended';
const ROUND = 'retention-beside';

interface Options {
  readonly settled: number;
  readonly events: number;
  readonly rounds: number;
  readonly tables: boolean;
}

async function main({ settled, events, rounds, tables }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-retention-'));
  const stack = await startStack({ availableConsumers: ['persistence'] });
  const { url } = stack.postgres;
  const pool = createPool(url, { statementTimeoutMs: 600_000 });
  const connection = Connection.lazy({ address: stack.temporal.address });
  const client = new WorkflowClient({ connection, namespace: NAMESPACE });
  try {
    await fillDatabase(pool, { there: 0, events: settled }, (done) => console.error(`${done} of ${settled} events`));
    await setRetention(onPool(pool), { what: TYPE, days: 1, tables });
    const worker = await startWorkerProcess({
      args: ['dist/workers/main.js'],
      env: { DATABASE_URL: url, TEMPORAL_ADDRESS: stack.temporal.address },
      logFile: join(folder, 'worker.log'),
    });
    try {
      const alone: number[] = [];
      const beside: number[] = [];
      await measureStatements(url, events); // warms up
      for (let n = 0; n < rounds; n++) {
        alone.push(await measureStatements(url, events));
        const before = await countWhole(onPool(pool), TYPE);
        const round = await client.start('pruneEvents', { taskQueue: TASK_QUEUE, workflowId: ROUND });
        beside.push(await measureStatements(url, events));
        await round.terminate('The block is over.');
        const deleted = before - (await countWhole(onPool(pool), TYPE));
        const [one, other] = [alone.at(-1) ?? NaN, beside.at(-1) ?? NaN];
        console.log(`${one.toFixed(0)} events/s alone, ${other.toFixed(0)} while ${deleted} were deleted`);
      }
      const lost = 100 * (1 - median(beside) / median(alone));
      console.log(
        `medians: ${median(alone).toFixed(0)} and ${median(beside).toFixed(0)} events/s, ${lost.toFixed(0)} % less`,
      );
    } finally {
      await worker.stop();
    }
  } finally {
    await connection.close();
    await pool.end();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN;

runCommandLine(USAGE, { settled: number(100_000), events: number(20_000), rounds: number(4), tables: flag }, main);
