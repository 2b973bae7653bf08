import { UNEXPECTED_TRIES, type DeliveryFailure } from '../failures';

type Failure = Pick<DeliveryFailure, 'type' | 'retryAfterMs'>;

/**
 * Milliseconds until the next counted try; null: it was the last. A destination's wish may only make it later.
 *
 * @param tries counted ones, this one included
 * @param ownMs what the consumer's policy says
 */
export function nextDelayMs({ type, retryAfterMs = 0 }: Failure, tries: number, ownMs: number | null): number | null {
  if (ownMs === null || (type === 'Unexpected' && tries >= UNEXPECTED_TRIES)) return null;
  return Math.max(ownMs, retryAfterMs);
}

/**
 * What costs no try comes back after seconds at first, then every minute; for reasons of ours when they say. What its destination has
 * refused so comes that much after the time that was asked for: others of the connection, which may be taken, go first.
 *
 * @param rateLimited how often its destination has asked to come back later, this time included
 * @param attempt of the activity
 */
export function freeDelayMs({ type, retryAfterMs }: Failure, rateLimited: number, attempt: number): number {
  if (type === 'RateLimited') return backoffMs(rateLimited) + (retryAfterMs ?? 0);
  return retryAfterMs ?? backoffMs(attempt);
}

const backoffMs = (times: number): number => Math.min(60_000, 500 * 2 ** Math.min(times, 10));
