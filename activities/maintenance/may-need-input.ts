import type { Database } from '../../db/database';
import { findRecorded } from './find-recorded';
import type { Runs } from './runs';

interface Deps {
  readonly db: Database;
  readonly runs: Pick<Runs, 'known' | 'usable' | 'givenUp' | 'isOpen'>;
}

/**
 * A run on any cluster may need its input. One on a cluster that does not answer needs it until its event is recorded: then others
 * take over what that cluster had, once it is given up, and they need no input.
 */
export async function mayNeedInput({ db, runs }: Deps, workflowId: string): Promise<boolean> {
  const [usable, givenUp] = [runs.usable(), runs.givenUp()];
  if (await isOpenOn(usable, workflowId, runs)) return true;
  const away = runs.known.filter((name) => !usable.includes(name));
  if (away.length === 0) return false;
  const found = await findRecorded({ keys: [workflowId] }, { db });
  return !(found.some(({ answer }) => answer === 'recorded') && away.every((name) => givenUp.includes(name)));
}

/** @throws when one of them does not answer */
export async function isOpenOn(
  clusters: readonly string[],
  workflowId: string,
  runs: Pick<Runs, 'isOpen'>,
): Promise<boolean> {
  const open = await Promise.all(clusters.map((cluster) => runs.isOpen({ cluster, workflowId })));
  return open.includes(true);
}
