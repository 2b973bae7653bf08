import type { Database } from '../../db/database';
import type { Owner } from '../../db/insert-events';
import { eachOf } from './each-of';
import type { Runs } from './runs';

export interface TellDeps {
  readonly db: Database;
  readonly runs: Runs;
}

/**
 * Tells runs that lost deliveries to look at their rows, and forgets those that were told: the others are told by a later round
 * of the sweep.
 *
 * @returns how many could not be told
 */
export async function tellRuns(abandoned: readonly Owner[], end: number, { db, runs }: TellDeps): Promise<number> {
  const undone = await eachOf(abandoned, end, (run) =>
    db.transaction(async (tx) => {
      await db.forgetAbandonedRun(tx, run); // first: who takes more from it before it has looked notes it anew
      await runs.refresh(run);
    }),
  );
  return undone.length;
}
