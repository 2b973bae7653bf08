import { findEffects } from '../queries/find-effects';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { openFlow, type FlowResult } from './flow';
import { residentMegabytes } from './process-usage';
import { measureQuietSite, type QuietSite } from './quiet-site';
import { measureStatements, singleQueueEvent } from './single-queue';
import type { Stack } from '../../stack/start-stack';

/** What events with one data queue do when many wait. */
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

type BatchFlow = Omit<FlowResult, 'keys'>;

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
  const flow = openFlow(stack.temporal.address);
  const of = { make: singleQueueEvent, deliveries: 1 };
  const memory: number[] = [];
  const look = (done: number): void => {
    if (done % Math.ceil(events / 10) === 0) memory.push(Math.round(residentMegabytes(workerPid) ?? NaN));
  };
  try {
    say(`Batches, ${events} events of one data queue each, 2000 outstanding:`);
    const warm = await flow.run({ ...of, events: FEW_EVENTS, outstanding: 1_000 });
    const many = await flow.run({ ...of, events, outstanding: 2_000, onDelivered: look });
    sayFlow(say, many);
    say(`Batches, ${FEW_EVENTS} events, 50 outstanding:`);
    const few = await flow.run({ ...of, events: FEW_EVENTS, outstanding: 50 });
    sayFlow(say, few);
    await verify(stack.postgres.url, [...warm.keys, ...many.keys, ...few.keys]);
    const statements = await measureStatements(stack.postgres.url, Math.min(events, 20_000));
    say(`The same statements alone: ${statements.toFixed(0)} events/s`);
    const besideMany = await measureQuietSite(flow, FLOOD, 100);
    const besideFlood = await measureQuietSite(flow, FLOOD, 1);
    say(
      `A quiet site, p99: ${besideFlood.p99.toFixed(0)} ms beside a flood of one, ${besideMany.p99.toFixed(0)} ms beside as much of 100`,
    );
    return {
      events,
      many: withoutKeys(many),
      few: withoutKeys(few),
      statements,
      ofStatements: many.eventsPerSecond / statements,
      besideFlood,
      besideMany,
      workerMegabytes: memory,
    };
  } finally {
    await flow.close();
  }
}

function sayFlow(say: BatchesOptions['say'], { eventsPerSecond, workflows, deliveredMs }: FlowResult): void {
  const latency = `p50 ${deliveredMs.p50.toFixed(0)} ms, p99 ${deliveredMs.p99.toFixed(0)} ms`;
  say(`  ${eventsPerSecond.toFixed(0)} events/s in ${workflows} workflows, ${latency}`);
}

const withoutKeys = ({ eventsPerSecond, deliveredMs, workflows }: FlowResult): BatchFlow => ({
  eventsPerSecond,
  deliveredMs,
  workflows,
});

async function verify(databaseUrl: string, keys: readonly string[]): Promise<void> {
  const pool = createPool(databaseUrl);
  try {
    const found = new Set((await findEffects(onPool(pool))).perEvent.map(({ eventKey }) => eventKey));
    const missing = keys.filter((key) => !found.has(key)).length;
    if (missing > 0) throw new Error(`${missing} of ${keys.length} events have no rows.`);
  } finally {
    await pool.end();
  }
}
