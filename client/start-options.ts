import { randomUUID } from 'node:crypto';
import type { WorkflowStartOptions } from '@temporalio/client';
import { v5 as uuidv5 } from 'uuid';
import { LARGE_TASK_QUEUE, TASK_QUEUE } from '../protocol/constants';
import { EVENT_TYPE, SITE_ID } from '../protocol/search-attributes';
import type { ClusterConnection } from './open-cluster';
import type { PreparedEvent } from './prepare-event';

/** To the workers that have the folder, which take few of them at once; reading one can take them more than the default of 10 s. */
const LARGE = { taskQueue: LARGE_TASK_QUEUE, workflowTaskTimeout: '20 s' } as const;

const BATCH_IDS = '5a0c0b8e-4d3f-4a57-9a43-0d7b0f1f6f2e';

/** Of a batch's summary, in characters; Temporal takes 400 bytes. */
const LONGEST_SUMMARY = 380;

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

/**
 * The start options that every run of one event shares; all follow from its key, `{type}/{siteId}/{id}`. Temporal's limits
 * (summary 400 bytes, fairness key 64) hold because a key has at most 255 bytes and a site id 64 digits.
 */
export function eventWorkflow(key: string) {
  const [type = '', siteId = ''] = key.split('/', 2);
  return { workflowId: key, staticSummary: `${type} site ${siteId} ${key}`, ...sharedOptions(type, siteId) };
}

/**
 * The start options of a workflow that carries several events. Its id follows from their keys, in any order, so that the same
 * events are the same workflow. Site and type are search attributes where all events have the same.
 */
export function batchWorkflow(keys: readonly string[]) {
  const counts = new Map<string, number>();
  const sites = new Set<string>();
  for (const key of keys) {
    const [type = '', siteId = ''] = key.split('/', 2);
    counts.set(type, (counts.get(type) ?? 0) + 1);
    sites.add(siteId);
  }
  const only = (names: Iterable<string>, [name, ...others] = [...names]) => (others.length === 0 ? name : undefined);
  const [type, siteId] = [only(counts.keys()), only(sites)];
  const from = siteId === undefined ? `${sites.size} sites` : `site ${siteId}`;
  const listed = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
  return {
    workflowId: `batch/${uuidv5(JSON.stringify(keys.toSorted()), BATCH_IDS)}`,
    staticSummary: `${keys.length} events of ${from}: ${listed}`.slice(0, LONGEST_SUMMARY),
    ...sharedOptions(type, siteId),
  };
}

/** The site is the fairness key, so that a site with a backlog does not hold up the others. */
function sharedOptions(type: string | undefined, siteId: string | undefined) {
  return {
    taskQueue: TASK_QUEUE,
    typedSearchAttributes: [
      ...(siteId === undefined ? [] : [{ key: SITE_ID, value: siteId }]),
      ...(type === undefined ? [] : [{ key: EVENT_TYPE, value: type }]),
    ],
    ...(siteId !== undefined && { priority: { fairnessKey: siteId } }),
  } satisfies Partial<WorkflowStartOptions>;
}
