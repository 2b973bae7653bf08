import {
  ApplicationFailure,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { ResendPlace, ResendSelection } from '../activities/maintenance/resend';
import { SWEEP_TASK_QUEUE } from '../protocol/constants';
import { logUnknownSignals } from './unknown-signals';

/** Which delivered webhooks to send again: those of a connection for which all given conditions hold. */
export interface ResendInput extends ResendSelection {
  /** Deliveries per second, at most, from 0.1 to 1,000. */
  readonly rate: number;
  /** How far the workflow had got when it continued as new. */
  readonly after?: ResendPlace;
  readonly sent?: number;
  readonly rejected?: number;
}

export interface Resent {
  readonly sent: number;
  /** Those that the endpoint refuses for good. */
  readonly rejected: number;
}

const { resendNext } = proxyActivities<Activities>({
  taskQueue: SWEEP_TASK_QUEUE,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '1 minute',
  retry: { maximumInterval: '1 hour' },
});

/**
 * Sends the delivered webhooks of a connection again, in the order in which their events were received: for a receiver that lost its data. Their rows stay
 * as they are. While the endpoint does not answer, the pending activity shows why, and goes on when it does.
 */
export async function resendDeliveries(input: ResendInput): Promise<Resent> {
  logUnknownSignals();
  const { rate, after: first, sent: sentBefore = 0, rejected: rejectedBefore = 0, ...selection } = input;
  if (!(rate >= 0.1 && rate <= 1000)) {
    throw ApplicationFailure.nonRetryable('rate: expected deliveries per second, from 0.1 to 1000.', 'InvalidInput');
  }
  let [after, sent, rejected] = [first, sentBefore, rejectedBefore];
  for (;;) {
    const part = await resendNext({ selection, rate, after });
    sent += part.sent;
    rejected += part.rejected;
    setCurrentDetails(`Sent again: ${sent} deliveries so far; refused for good: ${rejected}.`);
    if (part.after === null) return { sent, rejected };
    after = part.after;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof resendDeliveries>({ ...input, after, sent, rejected });
  }
}
