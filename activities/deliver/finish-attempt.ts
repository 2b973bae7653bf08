import { ApplicationFailure } from '@temporalio/activity';
import type { BatchTime } from './batch-time';
import type { DeliverCall } from './deliver-call';

/** How many deliveries are in which state now. */
export type StateCounts = Partial<Record<'delivered' | 'parked' | 'discarded' | 'pending', number>>;

/** When the next attempt may begin. */
interface NextAttempt {
  /** At least so many milliseconds from now. */
  readonly soonestMs: number;
  /** Milliseconds until a delivery that found no room may find it, by id. */
  readonly comeBackMs: ReadonlyMap<string, number>;
  /** Of a batch: how long it may go on. */
  readonly batchTime: BatchTime | null;
}

/**
 * Ends an attempt: the activity completes with the number of deliveries in each state, or fails, so that Temporal calls it again.
 *
 * @throws ApplicationFailure retryable, when own ones are pending; not retryable, when the batch has no time for another attempt,
 *   or all are parked
 */
export async function finishAttempt(
  { db, ids, owner, lastFailure }: DeliverCall,
  { soonestMs, comeBackMs, batchTime }: NextAttempt,
): Promise<StateCounts> {
  const failure = lastFailure();
  const standings = await db.readStandings(ids, owner);
  const counts: StateCounts = {};
  for (const { state } of standings) counts[state] = (counts[state] ?? 0) + 1;
  const waiting = standings.filter(({ state, mine }) => state === 'pending' && mine);
  const [first] = waiting;
  if (first !== undefined) {
    const waits = waiting.map(({ id, waitMs }) => Math.max(waitMs, comeBackMs.get(id) ?? 0));
    const nextMs = Math.ceil(Math.max(soonestMs, Math.min(...waits)));
    throw ApplicationFailure.create({
      type: failure?.type ?? first.failureType ?? 'Unavailable',
      message: failure?.message ?? first.failureMessage ?? 'Another attempt is under way; this one is repeated later.',
      details: [{ ...failure?.details, ...counts }],
      ...(batchTime?.isOver(nextMs) ? { nonRetryable: true } : { nextRetryDelay: nextMs }),
    });
  }
  if (failure !== null && counts.parked === ids.length) {
    throw ApplicationFailure.create({ ...failure, details: [failure.details], nonRetryable: true });
  }
  return counts;
}
