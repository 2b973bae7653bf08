import type { WorkflowStartOptions } from '@temporalio/client';
import { TASK_QUEUE } from '../workflows/constants';
import { EVENT_TYPE, SITE_ID } from '../workflows/search-attributes';

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
