import type { Outcome } from '../../db/settle-deliveries';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { Receipt } from '../consumer';
import { classifyFailure, failureTypes } from '../failures';
import { freeDelayMs, nextDelayMs } from './next-delay';
import { NoRoom } from './no-room';

/** The result of one attempt at one delivery. */
export interface AttemptResult {
  readonly taken: TakenDelivery;
  /** undefined: it was delivered. */
  readonly error?: unknown;
  readonly receipt?: Receipt;
  /** Nothing was sent or written: something was in its way. */
  readonly unsent?: true;
  /** The delivery keeps its slot of the connection's rate for its next attempt. */
  readonly slotReserved?: true;
  readonly durationMs: number;
}

/** A destination that asks for more is tried again within a day; a slot of the rate beyond that is given up. */
const LONGEST_DELAY_MS = 24 * 3600_000;

/**
 * The next state of the delivery: the one place that decides between delivered, tried again and parked.
 *
 * @param attempt of the activity
 * @param retryDelayMs milliseconds until the next try after so many counted ones; null: it was the last
 */
export function outcomeOf(
  result: AttemptResult,
  attempt: number,
  retryDelayMs: (tries: number) => number | null,
): Outcome {
  const { id, leaseToken, tries, rateLimited, connection } = result.taken;
  const base = {
    id,
    leaseToken,
    tries: 1 as const,
    delayMs: 0,
    failure: null,
    receipt: null,
    slotReserved: result.slotReserved ?? (result.error instanceof NoRoom && result.error.keepsSlot),
    connectionEdition: connection?.edition ?? null,
  };
  if (result.error === undefined) return { ...base, state: 'delivered', receipt: result.receipt ?? null };
  const failure = classifyFailure(result.error);
  const { type, message, details } = failure;
  const park = (more: object): Outcome => ({
    ...base,
    state: 'parked',
    failure: { type, message, details: { ...details, ...more } },
  });
  if (!failureTypes[type].retried) return park({});
  const isFree = failure.ours || type === 'RateLimited';
  const timesLimited = isFree ? rateLimited + (type === 'RateLimited' ? 1 : 0) : 0;
  const wantedMs = isFree
    ? freeDelayMs(failure, timesLimited, attempt)
    : nextDelayMs(failure, tries + 1, retryDelayMs(tries + 1));
  if (wantedMs === null) return park({ exhausted: true });
  return {
    ...base,
    state: 'pending',
    tries: isFree ? 0 : 1,
    delayMs: Math.min(wantedMs, LONGEST_DELAY_MS),
    slotReserved: base.slotReserved && wantedMs <= LONGEST_DELAY_MS,
    failure: { type, message, details: { ...details, ...(timesLimited > 0 && { rateLimited: timesLimited }) } },
  };
}
