import { table } from '../../ops/output';
import { newSecretsKey } from '../../activities/connections/secret-box';
import type { Stack } from '../../stack/start-stack';
import { percentile } from '../latency';
import { singleQueueEvent } from '../make-events';
import { createCpuReader, residentMegabytes } from '../process-usage';
import { vacuum } from '../queries/vacuum';
import { verifyRows } from './batches';
import { openProductAsPeer } from './peers/product';
import { runBlock } from './run-block';
import { measureStatements } from './statements';

/** The cost of events beside a history of so many, each with its delivery and its rows in the tables of its type. */
export interface Growth {
  readonly history: number;
  readonly eventsPerSecond: number;
  readonly deliveredMs: { readonly p50: number; readonly p99: number };
  /** CPU milliseconds per event, by process. */
  readonly cpuMs: Readonly<Record<string, number>>;
  /** CPU per event of worker and PostgreSQL, divided by that beside the smallest history. */
  readonly ofFirst: number;
  /** Events per second that wrote the history: the product's statements alone, as its last part went in. */
  readonly statements: number;
  readonly workerMegabytes: number;
}

export interface GrowthOptions {
  readonly stack: Stack;
  readonly folder: string;
  readonly say: (text: string) => void;
  /** Events of history, ascending. */
  readonly histories: readonly number[];
  /** For which events are published beside each. */
  readonly seconds: number;
}

const OUTSTANDING = 2_000;
const WARM_UP = { events: 4_000, inFlight: 1_000 };
/** Events that the statements write between two looks at their speed. */
const PART = 20_000;

/** @throws when an event that was reported as delivered has no rows in the table of its type */
export async function measureGrowth(options: GrowthOptions): Promise<Growth[]> {
  const { stack, folder, say, histories, seconds } = options;
  const { url } = stack.postgres;
  const place = {
    databaseUrl: url,
    temporalAddress: stack.temporal.address,
    queues: ['persistence'],
    mode: { isBatched: true, isSafe: true },
  };
  const running = await openProductAsPeer({ stack, place, databaseUrl: url, secretsKey: newSecretsKey(), folder });
  const { side } = running;
  const pids = { ...running.pids, PostgreSQL: stack.postgres.pid ?? 0, Temporal: stack.temporal.pid ?? 0 };
  const readCpu = createCpuReader();
  const measured: Growth[] = [];
  let written = 0;
  try {
    written += (await runBlock(side, { make: singleQueueEvent, ...WARM_UP })).keys.length;
    for (const history of histories) {
      let statements = NaN;
      while (written < history) {
        const part = Math.min(PART, history - written);
        statements = await measureStatements(url, part);
        written += part;
        if (written % (5 * PART) === 0) say(`  ${written} events of history, ${statements.toFixed(0)} per second`);
      }
      await vacuum(url); // work that the generated history has left is no cost of the events beside it
      const block = await runBlock(side, {
        make: singleQueueEvent,
        events: Infinity,
        seconds,
        inFlight: OUTSTANDING,
        pids,
        readCpu,
      });
      await verifyRows(url, block.keys);
      const own = costOf(block.cpuMs);
      const { finishedMs, eventsPerSecond, cpuMs } = block;
      measured.push({
        history: written,
        eventsPerSecond,
        deliveredMs: { p50: percentile(finishedMs, 0.5), p99: percentile(finishedMs, 0.99) },
        cpuMs,
        ofFirst: own / costOf(measured[0]?.cpuMs ?? cpuMs),
        statements,
        workerMegabytes: residentMegabytes(running.pids['worker'] ?? 0) ?? NaN,
      });
      written += block.keys.length;
      say(printGrowth(measured.slice(-1)));
    }
  } finally {
    await running.close();
  }
  return measured;
}

const costOf = ({ worker = NaN, PostgreSQL = NaN }: Readonly<Record<string, number>>): number => worker + PostgreSQL;

export const printGrowth = (rows: readonly Growth[]): string =>
  table(rows, [
    { title: 'events before', of: ({ history }) => history },
    { title: 'events/s', of: ({ eventsPerSecond }) => Math.round(eventsPerSecond) },
    { title: 'p50 ms', of: ({ deliveredMs }) => Math.round(deliveredMs.p50) },
    { title: 'p99 ms', of: ({ deliveredMs }) => Math.round(deliveredMs.p99) },
    { title: 'CPU of worker', of: ({ cpuMs }) => Number((cpuMs['worker'] ?? NaN).toFixed(3)) },
    { title: 'of PostgreSQL, ms per event', of: ({ cpuMs }) => Number((cpuMs['PostgreSQL'] ?? NaN).toFixed(3)) },
    { title: 'of the first', of: ({ ofFirst }) => Number(ofFirst.toFixed(2)) },
    { title: 'statements alone/s', of: ({ statements }) => Math.round(statements) },
    { title: 'worker MB', of: ({ workerMegabytes }) => Math.round(workerMegabytes) },
  ]);
