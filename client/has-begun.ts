import { GRPC, grpcCodeOf } from './grpc-code';
import type { Started } from './start-batch';

/** A cluster that does not answer within so many milliseconds has more than enough to do: nothing has begun there. */
const ANSWER_WITHIN_MS = 1_000;
/** Events of a history before its first workflow task is completed: started, and this task scheduled and started. */
const BEFORE_FIRST_COMPLETED = 3;

/** What asks whether the workflow has completed its first task, in which it records its events; or has ended. */
export function hasBegun({ cluster, workflowId }: Started): () => Promise<boolean> {
  return async () => {
    const { client } = cluster.connection;
    const { namespace } = client.options;
    try {
      // Not by a handle: an interceptor of the publisher's owner would take it for a call of its own.
      const { workflowExecutionInfo } = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
        client.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
      );
      return Number(workflowExecutionInfo?.historyLength ?? Infinity) > BEFORE_FIRST_COMPLETED;
    } catch (error) {
      if (grpcCodeOf(error) === GRPC.DEADLINE_EXCEEDED) return false;
      throw error;
    }
  };
}
