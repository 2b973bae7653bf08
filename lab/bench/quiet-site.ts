import { setTimeout as pause } from 'node:timers/promises';
import { latencyOf, type Latency } from '../latency';
import { singleQueueEvent } from '../make-events';
import { runBlock } from './run-block';
import type { Side } from './sides';

/** Milliseconds from publish to delivered of the quiet site's events. */
export interface QuietSite extends Latency {
  readonly events: number;
}

const QUIET = 39_999;
const EVERY_MS = 50;

/** A site that publishes one event now and then, while `flood` events of other sites go through, `sites` of them in turn. */
export async function measureQuietSite(side: Side, flood: number, sites: number): Promise<QuietSite> {
  let flooding = true;
  const quiet: Promise<number>[] = [];
  const make = (n: number) => singleQueueEvent(n, 31_000 + (n % sites));
  const others = runBlock(side, { make, events: flood, inFlight: flood }).finally(() => (flooding = false));
  for (let n = 0; flooding; n++) {
    const called = performance.now();
    const one = side.start(singleQueueEvent(n, QUIET)).then((started) => started.finish());
    quiet.push(one.then(() => performance.now() - called));
    await pause(EVERY_MS);
  }
  await others;
  return { ...latencyOf(await Promise.all(quiet)), events: quiet.length };
}
