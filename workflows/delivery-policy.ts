import { TASK_QUEUE } from './constants';

/** How deliveries of one consumer are started and tried again. Read by recordEvents and the wrapper, never on replay. */
export interface DeliveryPolicy {
  /** local: first tried beside the workflow, without a task of its own; if that fails, like remote: on the consumer's queue. */
  readonly mode: 'local' | 'remote';
  readonly firstRetryMs: number;
  /** Each wait is twice the last, up to this. */
  readonly longestRetryMs: number;
  /** Counted tries after which the delivery is parked. */
  readonly tries: number;
}

const standard: DeliveryPolicy = { mode: 'remote', firstRetryMs: 1_000, longestRetryMs: 900_000, tries: 100 };

const policies: Readonly<Record<string, DeliveryPolicy>> = {
  persistence: { ...standard, mode: 'local' },
};

export const policyOf = (consumer: string): DeliveryPolicy => policies[consumer] ?? standard;

/** Milliseconds until the next try after `tries` counted ones; null: that was the last. */
export function retryDelayMs(consumer: string, tries: number): number | null {
  const { firstRetryMs, longestRetryMs, tries: most } = policyOf(consumer);
  return tries >= most ? null : Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(tries - 1, 30));
}

/** The task queue of a consumer's activities. */
export const consumerTaskQueue = (consumer: string): string => `${TASK_QUEUE}.${consumer}`;
