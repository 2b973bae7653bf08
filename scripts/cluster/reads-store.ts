import { Connection, isGrpcServiceError } from '@temporalio/client';

const NOT_FOUND = 5;

/**
 * Whether a Temporal server reads its database: asks for a workflow that is not there, which only the database can say.
 * False when it does not answer within the time (milliseconds); never throws.
 */
export async function readsStore(address: string, timeoutMs: number): Promise<boolean> {
  const connection = Connection.lazy({ address, interceptors: [] });
  const request = { namespace: 'temporal-system', execution: { workflowId: 'no-such-workflow' } };
  try {
    return await connection
      .withDeadline(Date.now() + timeoutMs, () => connection.workflowService.describeWorkflowExecution(request))
      .then(
        () => true,
        (error: unknown) => isGrpcServiceError(error) && Number(error.code) === NOT_FOUND,
      );
  } finally {
    await connection.close();
  }
}
