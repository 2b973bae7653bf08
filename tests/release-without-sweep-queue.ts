import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';

const { sweep } = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } });

/** As a release has it that does not poll the sweep's own task queue. */
export async function sweepDeliveries(): Promise<unknown> {
  return await sweep();
}
