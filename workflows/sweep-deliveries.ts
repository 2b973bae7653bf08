import { patched, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { Swept } from '../activities/maintenance/sweep';
import { SWEEP_TASK_QUEUE } from '../protocol/constants';

/** A round is not repeated: the next one continues the deliveries that this one could not. */
const once = { startToCloseTimeout: '100 s', retry: { maximumAttempts: 1 } } as const;
const remote = proxyActivities<Activities>({
  ...once,
  taskQueue: SWEEP_TASK_QUEUE,
  heartbeatTimeout: '15 s', // the round of a worker that has died ends soon
});
const local = proxyLocalActivities<Activities>(once);

/** One round of the sweep, started by the schedule. The Web UI shows its activity, and in the heartbeat how far it is. */
export async function sweepDeliveries(): Promise<Swept> {
  return patched('remote-sweep') ? await remote.sweep() : await local.sweep();
}
