import type { Database } from '../../db/database';
import type { WorkflowToErase } from '../../db/erasures';
import { eachOf } from './each-of';
import type { Runs } from './runs';

export interface EraseDeps {
  readonly db: Database;
  readonly runs: Runs;
  /** Removes files of large events by their names. Undefined: this worker has no store of them. */
  readonly removeFiles?: ((names: readonly string[]) => Promise<void>) | undefined;
}

/** Workflows in one page: each costs some calls. */
const MOST = 200;
/** A round of the sweep spends at most so long on them. */
const ROUND_MS = 20_000;
/** A batch is open for some minutes at most. */
const OPEN_AGAIN_SECONDS = 10;
/** A cluster deletes after its answer, and shows a closed run a little late: it counts as gone when a later look finds none. */
const LOOK_AGAIN_SECONDS = 5;

/**
 * Deletes the workflows of erased events, on every cluster that answers; a cluster that is away is asked when it is back. A
 * workflow of its own is ended; a batch is left until it has closed, as it delivers other events, too.
 */
export async function eraseWorkflows({ db, runs, removeFiles }: EraseDeps, end: number): Promise<void> {
  const until = Math.min(end, performance.now() + ROUND_MS);
  for (;;) {
    const due = await db.findWorkflowsToErase(runs.usable(), MOST);
    const undone = await eachOf(due, until, (one) => eraseOne(one, { db, runs, removeFiles }));
    if (due.length < MOST || undone.length > 0 || performance.now() > until) return;
  }
}

async function eraseOne(one: WorkflowToErase, { db, runs, removeFiles }: EraseDeps): Promise<void> {
  const found = await runs.eraseWorkflow(one, one.isOwn);
  if (found.state === 'gone') {
    if (one.isRecorded) await eraseAgain(one, { db, runs });
    else if (one.isFresh) return await db.eraseLater(one, LOOK_AGAIN_SECONDS);
    return await db.noteErased(one);
  }
  if (found.state !== 'found') return await db.eraseLater(one, OPEN_AGAIN_SECONDS);
  if (found.files.length > 0 && removeFiles === undefined) return await db.eraseLater(one, LOOK_AGAIN_SECONDS); // a worker with the store does it
  await removeFiles?.(found.files);
  await found.remove();
  await db.eraseLater(one, LOOK_AGAIN_SECONDS);
}

/** A transaction that had begun to record the event before the erasure has ended after it. */
async function eraseAgain({ workflowId: key, erasure }: WorkflowToErase, { db, runs }: EraseDeps): Promise<void> {
  const [, siteId = ''] = key.split('/');
  await db.inTransaction((tx) => tx.eraseEvents([key], { erasure, siteId, clusters: runs.known }));
}
