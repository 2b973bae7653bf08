/** How deliveries of one consumer are started and tried again. Read by activities, never on replay. */
export interface DeliveryPolicy {
  /**
   * local: first tried in the transaction that records the event; if that fails, in a local activity; then like remote.
   * remote: on the consumer's queue.
   */
  readonly mode: 'local' | 'remote';
  /** Milliseconds between counted tries; after one more failure the delivery is parked. */
  readonly delaysMs: readonly number[];
  /** Share by which a delay may be longer or shorter, so that deliveries that failed together are not tried again together. */
  readonly jitter?: number;
}

export const SECOND = 1_000;
export const HOUR = 3600 * SECOND;

/** `tries` in all; each wait is twice the last, up to a quarter of an hour. */
export const doubling = (tries: number): number[] =>
  Array.from({ length: tries - 1 }, (_, n) => Math.min(900 * SECOND, SECOND * 2 ** Math.min(n, 30)));

/** Of a consumer that names none: about a day on its own queue. */
export const standardPolicy: DeliveryPolicy = { mode: 'remote', delaysMs: doubling(100) };

/** Of a consumer that writes into our own database. */
export const localPolicy: DeliveryPolicy = { ...standardPolicy, mode: 'local' };

/** Milliseconds until the next try after `tries` counted ones; null: that was the last. */
export function retryDelayMs({ delaysMs, jitter = 0 }: DeliveryPolicy, tries: number): number | null {
  const delayMs = delaysMs[tries - 1];
  return delayMs === undefined ? null : delayMs * (1 + jitter * (2 * Math.random() - 1));
}
