import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { Swept } from '../activities/maintenance/sweep';

const { sweep } = proxyLocalActivities<Activities>({ startToCloseTimeout: '1 minute', retry: { maximumAttempts: 1 } });

/** One round of the sweep, started by the schedule; the next round repeats the parts that failed. */
export async function sweepDeliveries(): Promise<Swept> {
  return await sweep();
}
