import type { Transaction } from '../../db/database';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { Tx } from '../../db/tx';
import { inOneGuidForm } from '../../events/one-guid-form';
import type { InDatabaseConsumer } from '../consumer';
import { DeliveryFailure, isDatabaseUnavailable, PAUSED } from '../failures';
import type { DeliverCall } from './deliver-call';
import type { AttemptResult } from './outcome-of';

/**
 * Delivers into our own database: locks the rows, writes the effect and the outcome in one transaction. When PostgreSQL
 * refuses something, all is undone and each delivery is written behind a savepoint of its own, so that only the refused one
 * fails.
 *
 * @returns how many were delivered
 */
export async function writeDeliveries(consumer: InDatabaseConsumer, call: DeliverCall): Promise<number> {
  const { db, ids, owner, settle } = call;
  const write = async (together: boolean): Promise<number> => {
    const { delivered, report } = await db.inTransaction(async (tx) => {
      const taken = await tx.lockDeliveries(ids, owner);
      if (taken.length === 0) return { delivered: 0, report: () => {} };
      const results = together ? await writeTogether(tx, consumer, taken) : await writeOneByOne(tx, consumer, taken);
      const settled = await settle(tx, results);
      return { delivered: results.filter(({ error }) => error === undefined).length, report: settled };
    });
    report();
    return delivered;
  };
  try {
    return await write(true);
  } catch (error) {
    if (isDatabaseUnavailable(error)) throw error;
    return await write(false);
  }
}

async function writeTogether(
  tx: Tx,
  consumer: InDatabaseConsumer,
  taken: readonly TakenDelivery[],
): Promise<AttemptResult[]> {
  const started = performance.now();
  const active = taken.filter(({ paused }) => !paused);
  if (active.length > 0)
    await consumer.write(
      tx,
      active.map(({ event }) => inOneGuidForm(event)),
    );
  const durationMs = (performance.now() - started) / taken.length;
  return taken.map((row) => ({ taken: row, durationMs, ...(row.paused && pausedResult()) }));
}

async function writeOneByOne(
  tx: Transaction,
  consumer: InDatabaseConsumer,
  taken: readonly TakenDelivery[],
): Promise<AttemptResult[]> {
  const results: AttemptResult[] = [];
  for (const row of taken) {
    const started = performance.now();
    const done = (rest: Pick<AttemptResult, 'error' | 'unsent'>) =>
      results.push({ taken: row, durationMs: performance.now() - started, ...rest });
    if (row.paused) {
      done(pausedResult());
      continue;
    }
    try {
      await tx.savepoint(() => consumer.write(tx, [inOneGuidForm(row.event)]));
      done({});
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      done({ error });
    }
  }
  return results;
}

/** The subscription was paused after the event was recorded. */
const pausedResult = () => ({ error: new DeliveryFailure(PAUSED.type, PAUSED.message), unsent: true as const });
