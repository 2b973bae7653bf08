import type { Progress } from '../progress';
import { makeEvents } from '../make-events';
import { measureLag } from '../queries/counts';
import { readSettlements } from '../queries/read-settlements';
import { settle } from '../settle';
import { openSystem } from './open-system';
import type { Release } from './open-workers';
import { publishSteadily } from './publish-steadily';
import { USUAL_SHARE } from './scenario';

export interface CapacityOptions {
  readonly progress: Progress;
  readonly release: Release;
  /** Of the burst. Default 400. */
  readonly events?: number;
}

/** Events per second of the whole system while nothing fails. */
export interface Capacity {
  /** When they come all at once, and travel in batches. */
  readonly burst: number;
  /** When they come at an even rate: the highest tried at which each is recorded soon. */
  readonly steady: number;
}

/** Steady rates that are tried, as shares of the burst, for so many seconds each. */
const SHARES = [USUAL_SHARE, 0.5, 0.35, 0.25];
/** Taken untried where none of them will do. */
const LEAST_SHARE = 0.15;
const STEADY_SECONDS = 8;
/** From publish until an event is recorded, at most. */
const LAG_MS = 2_000;

/** Measures how many events per second this machine does now. */
export async function measureCapacity({ progress, release, events = 400 }: CapacityOptions): Promise<Capacity> {
  progress.show('  Measuring how much this machine does ...');
  const system = await openSystem({ setUp: {}, release });
  let seed = 0;
  let published = 0;
  /** @returns when it began, once all is delivered */
  async function publish(count: number, rate: number): Promise<Date> {
    const [publisher] = system.publishers;
    if (publisher === undefined) throw new Error('There is no publisher.');
    const usual = { publisher, givesUp: () => false, onAnswer: () => {}, until: () => Infinity };
    const began = new Date();
    await publishSteadily({ ...usual, lines: makeEvents(seed++, count), rate });
    published += count;
    await settle(system.db, {
      isSettled: (counts) => counts.events >= published && counts.pending === 0,
      onCounts: ({ delivered }) => progress.show(`  Measuring: ${delivered} delivered`),
    });
    return began;
  }
  try {
    await publish(events / 4, Infinity); // warms up
    const began = await publish(events, Infinity);
    const last = (await readSettlements(system.db)).at(-1)?.at ?? new Date();
    const burst = (1000 * events) / (last.getTime() - began.getTime());
    for (const rate of SHARES.map((share) => share * burst)) {
      const since = await publish(Math.ceil(STEADY_SECONDS * rate), rate);
      if ((await measureLag(system.db, since)) < LAG_MS) return { burst, steady: rate };
    }
    return { burst, steady: LEAST_SHARE * burst };
  } finally {
    await system.close();
  }
}
