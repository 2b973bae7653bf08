import type { ActivityOptions, LocalActivityOptions } from '@temporalio/workflow';
import { consumerTaskQueue } from '../protocol/constants';

/** Reading and changing the run's rows. The workflow repeats it for ever, within seconds at first and every minute later. */
export const rowsOptions = {
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 10 },
  localRetryThreshold: '5 s', // a longer wait is a timer, which holds no workflow task open
} satisfies LocalActivityOptions;

/** The first attempt beside the workflow: of an in-database consumer, or of a destination where the recorded mode says so. */
export const localDeliveryOptions = {
  startToCloseTimeout: '30 s',
  retry: { maximumAttempts: 1 },
} satisfies LocalActivityOptions;

const ALONE_TIMEOUTS = { startToCloseTimeout: '1 minute', scheduleToCloseTimeout: '30 days' } as const;
/** Of a batch, the time in the queue included; `deliver` limits how long it is tried. */
const BATCH_TIMEOUTS = { startToCloseTimeout: '2 minutes', scheduleToCloseTimeout: '2 hours' } as const;

/** Deliveries of one consumer, on its queue; the failures of `deliver` say when to try again and when not. */
export const remoteDeliveryOptions = (consumer: string, activityId: string, isBatch: boolean): ActivityOptions => ({
  activityId,
  summary: activityId, // the Web UI's timeline shows it, instead of the activity type
  taskQueue: consumerTaskQueue(consumer),
  ...(isBatch ? BATCH_TIMEOUTS : ALONE_TIMEOUTS),
  heartbeatTimeout: '20 s', // a dead worker is noticed soon; the deliveries it had claimed are free when their leases end
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '1 minute' },
  cancellationType: 'WAIT_CANCELLATION_COMPLETED', // only then the activity id is free again
});
