import { TASK_QUEUE } from '../protocol/constants';

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

const SECOND = 1_000;
const HOUR = 3600 * SECOND;

/** `tries` in all; each wait is twice the last, up to a quarter of an hour. */
const doubling = (tries: number): number[] =>
  Array.from({ length: tries - 1 }, (_, n) => Math.min(900 * SECOND, SECOND * 2 ** Math.min(n, 30)));

const standard: DeliveryPolicy = { mode: 'remote', delaysMs: doubling(100) };

const policies: Readonly<Record<string, DeliveryPolicy>> = {
  persistence: { ...standard, mode: 'local' },
  ticket: { ...standard, mode: 'local' },
  email: { mode: 'remote', delaysMs: doubling(50) },
  // The schedule that Standard Webhooks recommends; about three days.
  webhook: {
    mode: 'remote',
    delaysMs: [5 * SECOND, 300 * SECOND, 1800 * SECOND, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)],
    jitter: 0.1,
  },
};

export const policyOf = (consumer: string): DeliveryPolicy => policies[consumer] ?? standard;

/** Milliseconds until the next try after `tries` counted ones; null: that was the last. */
export function retryDelayMs({ delaysMs, jitter = 0 }: DeliveryPolicy, tries: number): number | null {
  const delayMs = delaysMs[tries - 1];
  return delayMs === undefined ? null : delayMs * (1 + jitter * (2 * Math.random() - 1));
}

/** The task queue of a consumer's activities. */
export const consumerTaskQueue = (consumer: string): string => `${TASK_QUEUE}.${consumer}`;
