import type { AbandonedRun } from '../../db/abandoned-runs';
import type { Database } from '../../db/database';
import { eachOf } from './each-of';
import type { Runs } from './runs';

export interface TellDeps {
  readonly db: Database;
  readonly runs: Pick<Runs, 'refresh'>;
}

/**
 * Tells runs that lost deliveries to look at their rows, and forgets those that were told: the others are told by a later round
 * of the sweep.
 *
 * @returns how many could not be told
 */
export async function tellRuns(
  abandoned: readonly AbandonedRun[],
  end: number,
  { db, runs }: TellDeps,
): Promise<number> {
  const undone = await eachOf(abandoned, end, async (run) => {
    await runs.refresh(run);
    await db.forgetAbandonedRun(run); // unless it has lost more since, which it may not have seen
  });
  return undone.length;
}
