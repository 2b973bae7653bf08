import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from './compare';
import type { Flow } from './flow';
import { singleQueueEvent } from './single-queue';

export interface QuietSite {
  /** Milliseconds from publish to delivered of the quiet site's events. */
  readonly p50: number;
  readonly p99: number;
  readonly events: number;
}

const QUIET = 39_999;
const EVERY_MS = 50;

/** A site that publishes one event now and then, while `flood` events of other sites go through, `sites` of them in turn. */
export async function measureQuietSite(flow: Flow, flood: number, sites: number): Promise<QuietSite> {
  let flooding = true;
  const latencies: number[] = [];
  const quiet: Promise<void>[] = [];
  const others = flow
    .run({
      make: (n) => singleQueueEvent(n, 31_000 + (n % sites)),
      deliveries: 1,
      events: flood,
      outstanding: flood,
    })
    .finally(() => (flooding = false));
  for (let n = 0; flooding; n++) {
    const { type, data, id } = singleQueueEvent(n, QUIET);
    const called = performance.now();
    const one = flow.publisher
      .publish(type, data, { id })
      .then(({ workflowId }) => flow.finish(workflowId))
      .then(() => void latencies.push(performance.now() - called));
    quiet.push(one);
    await pause(EVERY_MS);
  }
  await Promise.all([others, ...quiet]);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), events: latencies.length };
}
