import type { WorkflowClient } from '@temporalio/client';
import { decodeReferencePayload, isReferencePayload } from '@temporalio/common/lib/internal-non-workflow';
import type { ErasedRun } from '../activities/maintenance/runs';
import { isOpen } from '../client/continue-event';
import { GRPC, grpcCodeOf } from '../client/grpc-code';

/** Runs of one workflow: each continue-as-new is one. */
const MOST_RUNS = 100;

/**
 * Tells the cluster to delete a workflow with all its runs; one that is open is terminated first.
 *
 * @param mayEnd false = a workflow that is open is left alone
 */
export async function eraseWorkflow(client: WorkflowClient, workflowId: string, mayEnd: boolean): Promise<ErasedRun> {
  const { workflowService, options } = client;
  const { namespace } = options;
  const latest = await unlessUnknown(client.getHandle(workflowId).describe());
  if (latest !== undefined && isOpen(latest) && !mayEnd) return { state: 'open' };
  const runs = new Set(latest && [latest.runId]);
  const query = `WorkflowId = "${workflowId.replace(/["\\]/g, '\\$&')}"`;
  for await (const { runId } of client.list({ query, pageSize: MOST_RUNS })) {
    if (runs.add(runId).size >= MOST_RUNS) break; // the next look finds the others
  }
  const files: string[] = [];
  for (const runId of runs) files.push(...(await filesOf(client, workflowId, runId)));
  // Not before the files are known: a worker that dies here begins again.
  const remove = async (): Promise<void> => {
    for (const runId of runs) {
      const workflowExecution = { workflowId, runId };
      await unlessUnknown(workflowService.deleteWorkflowExecution({ namespace, workflowExecution }));
    }
  };
  return runs.size === 0 ? { state: 'gone' } : { state: 'found', files, remove };
}

/** Names of the files of large events that the start of a run refers to. */
async function filesOf(client: WorkflowClient, workflowId: string, runId: string): Promise<string[]> {
  const request = { namespace: client.options.namespace, execution: { workflowId, runId }, maximumPageSize: 1 };
  const answer = await unlessUnknown(client.workflowService.getWorkflowExecutionHistory(request));
  const { input } = answer?.history?.events?.[0]?.workflowExecutionStartedEventAttributes ?? {};
  return (input?.payloads ?? []).flatMap((payload) => {
    if (!isReferencePayload(payload)) return [];
    const { sha256 } = decodeReferencePayload(payload).claimData;
    return sha256 === undefined ? [] : [sha256];
  });
}

async function unlessUnknown<T>(call: Promise<T>): Promise<T | undefined> {
  return await call.catch((error: unknown) => {
    const { cause } = error as { cause?: unknown };
    if (grpcCodeOf(error) === GRPC.NOT_FOUND || grpcCodeOf(cause) === GRPC.NOT_FOUND) return undefined;
    if ((error as Partial<Error>).name === 'WorkflowNotFoundError') return undefined;
    throw error;
  });
}
