import type { AbandonedRun } from '../../db/abandoned-runs';
import type { Database } from '../../db/database';
import { eachOf } from './each-of';
import type { Runs } from './runs';

export interface TellDeps {
  readonly db: Database;
  readonly runs: Pick<Runs, 'refresh'>;
}

/**
 * Signals runs that lost deliveries to read their rows, and forgets those that were told; a later round of the sweep tells the
 * others.
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
    await db.forgetAbandonedRun(run); // unless it has lost more meanwhile
  });
  return undone.length;
}
