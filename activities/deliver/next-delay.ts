import { UNEXPECTED_TRIES, type DeliveryFailure } from '../failures';

type Failure = Pick<DeliveryFailure, 'type' | 'retryAfterMs'>;

/**
 * Milliseconds until the next counted try; null: it was the last. Retry-After can only make it later.
 *
 * @param tries counted ones, this one included
 * @param ownMs the delay of the consumer's policy
 */
export function nextDelayMs({ type, retryAfterMs = 0 }: Failure, tries: number, ownMs: number | null): number | null {
  if (ownMs === null || (type === 'Unexpected' && tries >= UNEXPECTED_TRIES)) return null;
  return Math.max(ownMs, retryAfterMs);
}

/**
 * Milliseconds until the next attempt after one that costs no try: seconds at first, then a minute; for a reason of ours as long
 * as it says. After RateLimited it is added to Retry-After, so that other deliveries of the connection go first.
 *
 * @param rateLimited how often the destination has answered so, this time included
 * @param attempt of the activity
 */
export function freeDelayMs({ type, retryAfterMs }: Failure, rateLimited: number, attempt: number): number {
  if (type === 'RateLimited') return backoffMs(rateLimited) + (retryAfterMs ?? 0);
  return retryAfterMs ?? backoffMs(attempt);
}

const backoffMs = (times: number): number => Math.min(60_000, 500 * 2 ** Math.min(times, 10));
