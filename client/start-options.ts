import { randomUUID } from 'node:crypto';
import { LARGE_TASK_QUEUE } from '../protocol/constants';
import { eventWorkflow, batchWorkflow } from './event-workflow';
import type { ClusterConnection } from './open-cluster';
import type { PreparedEvent } from './prepare-event';

/** To the workers that have the folder, which take few of them at once; reading one can take them more than the default of 10 s. */
const LARGE = { taskQueue: LARGE_TASK_QUEUE, workflowTaskTimeout: '20 s' } as const;

/**
 * One event is the input by itself, under its key; several are a list.
 *
 * @param isBeside another event has the key of the only one: it is a list, too, under an id that follows from its content
 */
export function startOptions(
  { largeFromBytes }: Pick<ClusterConnection, 'largeFromBytes'>,
  events: readonly PreparedEvent[],
  isBeside = false,
) {
  const [event] = events;
  const publishId = randomUUID();
  const alone = events.length === 1 && !isBeside ? event : undefined;
  const keys = events.map(({ key, hash }) => (isBeside ? `${key}#${hash}` : key));
  return {
    ...(alone ? eventWorkflow(alone.key) : batchWorkflow(keys)),
    ...(events.length === 1 && event && event.bytes > largeFromBytes && LARGE),
    args: [alone ? alone.input : events.map(({ input }) => input)],
    memo: alone ? { contentHash: alone.hash, publishId } : { publishId },
  };
}
