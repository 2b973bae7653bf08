import { WorkflowNotFoundError } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../../protocol/constants';
import type { ClusterConnection } from '../open-cluster';
import type { PreparedEvent } from '../prepare-event';
import { startOptions } from '../start-options';

/**
 * Starts events, together if they are several, that the database does not know although their workflow was started, whatever
 * became of that one; an open one of the same id is told to look at its rows.
 *
 * @returns the workflow's id
 * @throws ServiceError of the Temporal client when the cluster does not take it within the deadline
 */
export async function startAgain(
  cluster: ClusterConnection,
  events: readonly PreparedEvent[],
  deadlineMs: number,
): Promise<string> {
  const { client } = cluster;
  const options = startOptions(cluster, events);
  await client.withDeadline(Date.now() + deadlineMs, () =>
    client.signalWithStart(WORKFLOW_TYPE, {
      ...options,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      signal: 'refresh',
      signalArgs: [],
    }),
  );
  return options.workflowId;
}

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
    const isOpen = await run.describe().then(
      ({ status }) => status.name === 'RUNNING',
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      },
    );
    if (isOpen) await run.signal('refresh');
    return isOpen;
  });
}
