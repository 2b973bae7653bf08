import { randomUUID } from 'node:crypto';
import { MAINTENANCE_PRIORITY, RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../../protocol/constants';
import type { RecordedAnswer, RecordedEvents } from '../../protocol/recorded-events';
import type { ClusterConnection } from '../open-cluster';

/** Milliseconds until a question has no answer. */
export const ANSWER_WITHIN_MS = 10_000;

/**
 * Asks the database, by way of the cluster and a worker, what it knows of the keys, up to 1,000.
 *
 * @throws when one of the three does not answer in time
 */
export async function askRecorded(
  { client }: Pick<ClusterConnection, 'client'>,
  keys: readonly string[],
): Promise<readonly RecordedAnswer[]> {
  return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    client.execute<RecordedEvents>(RECORDED_EVENTS_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: `recorded-events/${randomUUID()}`,
      args: [keys],
      workflowExecutionTimeout: ANSWER_WITHIN_MS, // without workers, questions do not pile up
      priority: MAINTENANCE_PRIORITY,
    }),
  );
}
