import { readSettlements } from '../queries/read-settlements';
import type { Progress } from '../progress';
import { settle } from '../settle';
import { makeEvents } from '../make-events';
import { openSystem } from './open-system';
import type { Release } from './open-workers';
import { publishSteadily } from './publish-steadily';

export interface CapacityOptions {
  readonly progress: Progress;
  readonly release: Release;
  /** Default 400. */
  readonly events?: number;
}

/** How many events per second the whole system takes when they come all at once and nothing fails. */
export async function measureCapacity({ progress, release, events = 400 }: CapacityOptions): Promise<number> {
  progress.show('  Measuring how much this machine does ...');
  const system = await openSystem({ setUp: {}, release });
  try {
    const [publisher] = system.publishers;
    if (publisher === undefined) throw new Error('There is no publisher.');
    const lines = makeEvents(0, events);
    const usual = { publisher, givesUp: () => false, onAnswer: () => {}, until: () => Infinity };
    const publish = async (from: number, to: number): Promise<number> => {
      const began = Date.now();
      await publishSteadily({ ...usual, lines: lines.slice(from, to), rate: Infinity });
      await settle(system.db, {
        isSettled: (counts) => counts.events >= to && counts.pending === 0,
        onCounts: ({ delivered }) => progress.show(`  Measuring: ${delivered} delivered`),
      });
      const last = (await readSettlements(system.db)).at(-1)?.at.getTime() ?? Date.now();
      return (to - from) / ((last - began) / 1000);
    };
    await publish(0, events / 4); // warms up
    return await publish(events / 4, events);
  } finally {
    await system.close();
  }
}
