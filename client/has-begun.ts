import type { Started } from './start-batch';

const ANSWER_WITHIN_MS = 1_000;
/** Events of a history before its first workflow task is completed: started, and this task scheduled and started. */
const BEFORE_FIRST_COMPLETED = 3;

/**
 * Makes the function that asks whether the workflow has completed its first task, in which it records its events, or has ended. It rejects
 * with the error of the call: the cluster is away or too busy to answer, or the publisher has no right to ask.
 */
export function hasBegun({ cluster, workflowId }: Started): () => Promise<boolean> {
  return async () => {
    const { client } = cluster.connection;
    const { namespace } = client.options;
    // Not by a handle: an interceptor of the publisher's owner would take it for a call of its own.
    const { workflowExecutionInfo } = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
    );
    return Number(workflowExecutionInfo?.historyLength ?? Infinity) > BEFORE_FIRST_COMPLETED;
  };
}
