import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { ActivityDeps } from '../activities/create-activities';
import { continueEvent } from '../client/continue-event';

const ANSWER_WITHIN_MS = 10_000;

/** The sweep's view of a cluster: its runs. */
export function createRuns(client: WorkflowClient): ActivityDeps['runs'] {
  const bounded = <T>(call: () => Promise<T>) =>
    client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call).catch(unlessGone);
  return {
    continueEvent: (event) => continueEvent(client, event),
    refresh: (workflowId) => bounded(() => client.getHandle(workflowId).signal('refresh')),
    isOpen: async (workflowId) => {
      const description = await bounded(() => client.getHandle(workflowId).describe());
      return description?.status.name === 'RUNNING';
    },
  };
}

/** A run that is closed or unknown is an answer, not an error. */
function unlessGone(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
