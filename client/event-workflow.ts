import type { WorkflowStartOptions } from '@temporalio/client';
import { v5 as uuidv5 } from 'uuid';
import { TASK_QUEUE } from '../protocol/constants';
import { EVENT_TYPE, SITE_ID } from '../protocol/search-attributes';

/**
 * The start options that every run of one event shares, whoever starts it: all follow from its key, `{type}/{siteId}/{id}`.
 * The site is the fairness key, so that a site with a backlog does not hold up the others. Temporal's limits (summary 400 bytes,
 * fairness key 64) hold because a key has at most 255 bytes and a site id 64 digits.
 */
export function eventWorkflow(key: string) {
  const [type = '', siteId = ''] = key.split('/', 2);
  return {
    workflowId: key,
    taskQueue: TASK_QUEUE,
    typedSearchAttributes: [
      { key: SITE_ID, value: siteId },
      { key: EVENT_TYPE, value: type },
    ],
    staticSummary: `${type} site ${siteId} ${key}`,
    priority: { fairnessKey: siteId },
  } satisfies Partial<WorkflowStartOptions>;
}

const BATCH_IDS = '5a0c0b8e-4d3f-4a57-9a43-0d7b0f1f6f2e';

/**
 * The start options of a workflow that carries several events. Its id follows from their keys, in any order, so that the same
 * events are the same workflow. Site and type are search attributes where all events have the same.
 */
export function batchWorkflow(keys: readonly string[]) {
  const parts = keys.map((key) => key.split('/', 2));
  const count = (place: 0 | 1): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const { [place]: name = '' } of parts) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  };
  const [types, sites] = [[...count(0)], [...count(1).keys()]];
  const [type, site] = [types.length === 1 ? types[0]?.[0] : undefined, sites.length === 1 ? sites[0] : undefined];
  const listed = types.map(([name, events]) => `${events} ${name}`).join(', ');
  return {
    workflowId: `batch/${uuidv5(JSON.stringify(keys.toSorted()), BATCH_IDS)}`,
    taskQueue: TASK_QUEUE,
    typedSearchAttributes: [
      ...(site === undefined ? [] : [{ key: SITE_ID, value: site }]),
      ...(type === undefined ? [] : [{ key: EVENT_TYPE, value: type }]),
    ],
    staticSummary:
      `${keys.length} events of ${site === undefined ? `${sites.length} sites` : `site ${site}`}: ${listed}`.slice(
        0,
        380,
      ),
    ...(site !== undefined && { priority: { fairnessKey: site } }),
  } satisfies Partial<WorkflowStartOptions>;
}
