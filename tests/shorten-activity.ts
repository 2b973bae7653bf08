import type { Client } from '@temporalio/client';

/** Has the server end an activity that waits for its next attempt, as after the schedule-to-close time of its options. */
export async function shortenActivity(
  { workflowService, options }: Client,
  workflowId: string,
  id: string,
): Promise<void> {
  await workflowService.updateActivityOptions({
    namespace: options.namespace,
    execution: { workflowId },
    id,
    activityOptions: { scheduleToCloseTimeout: { nanos: 1_000_000 } },
    updateMask: { paths: ['schedule_to_close_timeout'] },
  });
}

/** How many activities of the run have ended so. */
export async function timedOut({ workflow }: Client, workflowId: string): Promise<number> {
  const { events } = await workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskTimedOutEventAttributes).length;
}
