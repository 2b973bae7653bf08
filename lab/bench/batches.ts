import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import type { Stack } from '../../stack/start-stack';
import { latencyOf, showLatency, type Latency } from '../latency';
import { singleQueueEvent } from '../make-events';
import { residentMegabytes } from '../process-usage';
import { findEffects } from '../queries/effects';
import { measureQuietSite, type QuietSite } from './quiet-site';
import { runBlock, type Block } from './run-block';
import { openProduct } from './sides';
import { measureStatements } from './statements';

/** Throughput and latency of events with one data queue when many wait. */
export interface Batches {
  readonly events: number;
  /** At 2,000 and at 50 outstanding. */
  readonly many: BatchFlow;
  readonly few: BatchFlow;
  /** Events per second of a loop of the same statements alone, and the share of it that `many` reaches. */
  readonly statements: number;
  readonly ofStatements: number;
  /** A quiet site while one other floods, and while a hundred others publish as much. */
  readonly besideFlood: QuietSite;
  readonly besideMany: QuietSite;
  /** Resident memory of the worker by tenths of the run, in MB. */
  readonly workerMegabytes: readonly number[];
}

interface BatchFlow {
  readonly eventsPerSecond: number;
  readonly deliveredMs: Latency;
  /** Workflows that carried the events. */
  readonly workflows: number;
}

export interface BatchesOptions {
  readonly stack: Stack;
  readonly workerPid: number;
  readonly events: number;
  readonly say: (text: string) => void;
}

const FEW_EVENTS = 2_000;
const FLOOD = 5_000;

/** @throws when an event that was reported as delivered has no rows in the table of its type */
export async function measureBatches({ stack, workerPid, events, say }: BatchesOptions): Promise<Batches> {
  const side = openProduct(stack.temporal.address, { sharesWorkflows: true });
  const keys: string[] = [];
  const memory: number[] = [];
  const look = (done: number): void => {
    if (done % Math.ceil(events / 10) === 0) memory.push(Math.round(residentMegabytes(workerPid) ?? NaN));
  };
  const run = async (count: number, inFlight: number, onFinished?: (done: number) => void): Promise<BatchFlow> => {
    const block = await runBlock(side, {
      make: singleQueueEvent,
      events: count,
      inFlight,
      ...(onFinished && { onFinished }),
    });
    keys.push(...block.keys);
    return flowOf(block);
  };
  try {
    say(`Batches, ${events} events of one data queue each, 2000 outstanding:`);
    await run(FEW_EVENTS, 1_000); // warms up
    const many = await run(events, 2_000, look);
    say(`  ${showFlow(many)}`);
    say(`Batches, ${FEW_EVENTS} events, 50 outstanding:`);
    const few = await run(FEW_EVENTS, 50);
    say(`  ${showFlow(few)}`);
    await verifyRows(stack.postgres.url, keys);
    const statements = await measureStatements(stack.postgres.url, Math.min(events, 20_000));
    say(`The same statements alone: ${statements.toFixed(0)} events/s`);
    const besideMany = await measureQuietSite(side, FLOOD, 100);
    const besideFlood = await measureQuietSite(side, FLOOD, 1);
    const [flood, hundred] = [besideFlood, besideMany].map(({ p99 }) => `${p99.toFixed(0)} ms`);
    say(`A quiet site, p99: ${flood} beside a flood of one, ${hundred} beside as much of 100`);
    const ofStatements = many.eventsPerSecond / statements;
    return { events, many, few, statements, ofStatements, besideFlood, besideMany, workerMegabytes: memory };
  } finally {
    await side.close();
  }
}

const flowOf = ({ eventsPerSecond, finishedMs, workflows }: Block): BatchFlow => ({
  eventsPerSecond,
  deliveredMs: latencyOf(finishedMs),
  workflows,
});

export const showFlow = ({ eventsPerSecond, workflows, deliveredMs }: BatchFlow): string =>
  `${eventsPerSecond.toFixed(0)} events/s in ${workflows} workflows, ${showLatency(deliveredMs)}`;

export async function verifyRows(databaseUrl: string, keys: readonly string[]): Promise<void> {
  const pool = createPool(databaseUrl);
  try {
    const found = new Set((await findEffects(onPool(pool))).perEvent.map(({ eventKey }) => eventKey));
    const missing = keys.filter((key) => !found.has(key)).length;
    if (missing > 0) throw new Error(`${missing} of ${keys.length} events have no rows.`);
  } finally {
    await pool.end();
  }
}
