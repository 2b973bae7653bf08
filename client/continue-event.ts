import {
  WorkflowNotFoundError,
  type WorkflowClient,
  type WorkflowExecutionInfo,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { WORKFLOW_TYPE } from '../protocol/constants';
import type { ClusterConnection } from './open-cluster';
import type { PreparedEvent } from './prepare-event';
import { batchWorkflow, eventWorkflow, startOptions } from './start-options';

type Client = Pick<WorkflowClient, 'signalWithStart' | 'withDeadline'>;

export interface ContinueEventOptions {
  /** Milliseconds until the call fails. Default 10,000. */
  readonly deadlineMs?: number;
}

/**
 * Carries on an event that the database knows: an open run is told to read its rows again, a closed or unknown one is started
 * with the key only, and with the hash of its content, by which publishers tell a repeat from an id used twice. The rows must
 * name this cluster and key as their owner before this is called. One call, no retry: the sweep, for one, calls it again.
 *
 * @throws ServiceError of the Temporal client when the cluster does not answer within the deadline
 */
export async function continueEvent(
  client: Client,
  { key, contentHash }: { readonly key: string; readonly contentHash: string },
  { deadlineMs = 10_000 }: ContinueEventOptions = {},
): Promise<void> {
  await startOrRefresh(client, { ...eventWorkflow(key), args: [{ key }], memo: { contentHash } }, deadlineMs);
}

/** The same for several events, in one workflow of this id. */
export async function continueBatch(
  client: Client,
  { workflowId, keys }: { readonly workflowId: string; readonly keys: readonly string[] },
  { deadlineMs = 10_000 }: ContinueEventOptions = {},
): Promise<void> {
  await startOrRefresh(client, { ...batchWorkflow(keys), workflowId, args: [{ keys }] }, deadlineMs);
}

/**
 * Starts events, together if they are several, that the database does not know although their workflow was started; an open
 * workflow of the same id is signalled to read its rows.
 *
 * @returns the workflow's id
 * @throws ServiceError of the Temporal client when the cluster does not take it within the deadline
 */
export async function startAgain(
  connection: ClusterConnection,
  events: readonly PreparedEvent[],
  deadlineMs: number,
): Promise<string> {
  const options = startOptions(connection, events);
  await startOrRefresh(connection.client, options, deadlineMs);
  return options.workflowId;
}

/** True for a run that has not ended. A paused one is open, too: it goes on when an operator wants it. */
export const isOpen = ({ closeTime }: Pick<WorkflowExecutionInfo, 'closeTime'>): boolean => closeTime === undefined;

/**
 * True while the run that carries events is open: it records them when it has its turn. It is told to look at its rows.
 *
 * @throws ServiceError of the Temporal client when the cluster does not answer within the deadline
 */
export async function isUnderWay(
  { client }: ClusterConnection,
  workflowId: string,
  deadlineMs: number,
): Promise<boolean> {
  return await client.withDeadline(Date.now() + deadlineMs, async () => {
    const run = client.getHandle(workflowId);
    const description = await run.describe().catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
    if (description === undefined || !isOpen(description)) return false;
    await run.signal('refresh');
    return true;
  });
}

async function startOrRefresh(client: Client, options: WorkflowStartOptions, deadlineMs: number): Promise<void> {
  const refresh = { signal: 'refresh', signalArgs: [] };
  await client.withDeadline(Date.now() + deadlineMs, () =>
    client.signalWithStart(WORKFLOW_TYPE, { ...options, ...refresh, workflowIdReusePolicy: 'ALLOW_DUPLICATE' }),
  );
}
