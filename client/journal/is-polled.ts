import { TASK_QUEUE } from '../../protocol/constants';
import type { ClusterConnection } from '../open-cluster';

/** A worker asks at least once a minute; the cluster forgets it after five. */
const ASKED_WITHIN_MS = 75_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * True when workers take workflows from the task queue: then what is there is done, however late.
 *
 * @throws ServiceError of the Temporal client when the cluster does not answer within five seconds
 */
export async function isPolled({ client }: Pick<ClusterConnection, 'client'>): Promise<boolean> {
  const { pollers } = await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: 1, // of workflows
    }),
  );
  const since = (Date.now() - ASKED_WITHIN_MS) / 1000;
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since);
}
