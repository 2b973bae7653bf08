import { proxyActivities } from '@temporalio/workflow';
import type { Job } from './peer';

type Deliver = (job: Job) => Promise<void>;

/** One activity for each consumer, all at once: the bare workflow. */
export async function fanOut(job: Job, queues: readonly string[]): Promise<void> {
  const activities = proxyActivities<Record<string, Deliver>>({ startToCloseTimeout: '1 minute' });
  await Promise.all(queues.map(async (queue) => await activities[queue]?.(job)));
}
