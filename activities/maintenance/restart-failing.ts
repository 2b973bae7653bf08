import { log } from '@temporalio/activity';
import type { Owner } from '../../db/owner';
import { eachOf } from './each-of';
import type { Runs } from './runs';

interface Deps {
  readonly runs: Pick<Runs, 'here' | 'findFailing' | 'restartIfFailing'>;
  readonly sweepLimit: number;
}

/**
 * Restarts runs on this cluster whose workflow task fails again and again, for example because a release has changed what they
 * did: by itself such a run stays open for ever. Finds runs that have not recorded their event, too.
 */
export async function restartFailing(
  { runs, sweepLimit }: Deps,
  end: number,
  counts: { restarted: number; undone: number },
): Promise<void> {
  const failing = await runs.findFailing(sweepLimit);
  const undone = await eachOf(failing, end, async (workflowId) => {
    if (await restartOne({ cluster: runs.here, workflowId }, runs)) counts.restarted += 1;
  });
  counts.undone += undone.length;
}

/** @returns false: its workflow task does not fail, or the run was started a short while ago */
export async function restartOne(run: Owner, runs: Pick<Runs, 'restartIfFailing'>): Promise<boolean> {
  const problem = await runs.restartIfFailing(run);
  if (problem === undefined) return false;
  log.warn('The workflow task of a run failed again and again: a new run of the same workflow has its place.', {
    ...run,
    problem,
  });
  return true;
}
