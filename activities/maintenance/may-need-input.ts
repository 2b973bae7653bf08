import type { Database } from '../../db/database';
import { findRecorded } from './find-recorded';
import type { Runs } from './runs';

interface Deps {
  readonly db: Database;
  readonly runs: Pick<Runs, 'known' | 'usable' | 'givenUp' | 'isOpen'>;
}

/**
 * True while a run on any cluster may need its input. On a cluster that does not answer, that is until the event is recorded and
 * the cluster given up: a run that takes over needs no input.
 */
export async function mayNeedInput({ db, runs }: Deps, workflowId: string): Promise<boolean> {
  const [usable, givenUp] = [runs.usable(), await runs.givenUp()];
  if (await isOpenOn(usable, workflowId, runs)) return true;
  const away = runs.known.filter((name) => !usable.includes(name));
  if (away.length === 0) return false;
  const found = await findRecorded({ keys: [workflowId] }, { db });
  return !(found.some(({ answer }) => answer === 'recorded') && away.every((name) => givenUp.includes(name)));
}

/** @throws when one of the clusters does not answer */
export async function isOpenOn(
  clusters: readonly string[],
  workflowId: string,
  runs: Pick<Runs, 'isOpen'>,
): Promise<boolean> {
  const open = await Promise.all(clusters.map((cluster) => runs.isOpen({ cluster, workflowId })));
  return open.includes(true);
}
