import type { Started } from './start-batch';

const ANSWER_WITHIN_MS = 1_000;
/** Events of a history before a worker has its first workflow task: started, and this task scheduled. */
const BEFORE_FIRST_STARTED = 2;

/**
 * Makes the function that asks whether a worker has begun the workflow's first task, which lasts as long as the first sends. It
 * rejects with the error of the call: the cluster is away or too busy to answer, or the publisher has no right to ask.
 */
export function hasBegun({ cluster, workflowId }: Started): () => Promise<boolean> {
  return async () => {
    const { client } = cluster.connection;
    const { namespace } = client.options;
    // Not by a handle: an interceptor of the publisher's owner would take it for a call of its own.
    const { workflowExecutionInfo } = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
    );
    return Number(workflowExecutionInfo?.historyLength ?? Infinity) > BEFORE_FIRST_STARTED;
  };
}
