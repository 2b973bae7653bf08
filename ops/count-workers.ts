import type { Connection } from '@temporalio/client';
import { TASK_QUEUE } from '../protocol/constants';

const WORKFLOW_QUEUE = 1; // temporal.api.enums.v1.TaskQueueType

/** How many worker processes asked for workflow tasks in the last minutes. */
export async function countWorkers({ workflowService }: Connection, namespace: string): Promise<number> {
  const taskQueue = { name: TASK_QUEUE };
  const { pollers } = await workflowService.describeTaskQueue({ namespace, taskQueue, taskQueueType: WORKFLOW_QUEUE });
  return new Set(pollers.map(({ identity }) => identity)).size;
}
