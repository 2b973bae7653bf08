import { log } from '@temporalio/activity';
import type { Database } from '../../db/database';
import type { LeftAlone, WaitingEvent } from '../../db/sweep-deliveries';
import { eachOf } from './each-of';
import type { RemoveOldFiles } from './remove-old-files';

/** What the sweep needs of the cluster that it runs on. */
export interface Runs {
  /** True while a run of this workflow id is open; false when it is closed or unknown. */
  isOpen(workflowId: string): Promise<boolean>;
  /** Tells an open run to look at its rows. */
  refresh(workflowId: string): Promise<void>;
  /** Starts the event's own workflow, or tells its open run to look at its rows. */
  continueEvent(event: WaitingEvent): Promise<void>;
}

export interface SweepDeps {
  readonly db: Database;
  readonly clusterName: string;
  readonly overdueAfterSeconds: number;
  /** Most deliveries in one round: the rate at which work comes back. */
  readonly sweepLimit: number;
  /** Consumers that this version has. */
  readonly modes: Readonly<Record<string, unknown>>;
  readonly runs: Runs;
  /** Undefined: this worker has no folder of large events. */
  readonly removeOldFiles?: RemoveOldFiles | undefined;
}

export interface Swept {
  readonly revived: number;
  readonly continued: number;
  readonly refreshed: number;
  /** What failed, or did not fit into the round: a later round claims it again. */
  readonly undone: number;
}

/** A round ends by itself before its activity is given up, so that what it did is known. */
const ROUND_MS = 45_000;

/**
 * One round: continues what waited for a subscription or connection that is good again, and what nobody works on although
 * its run is closed or unknown; tells open runs that are late to look. What fails here is claimed again by a later round.
 */
export async function sweep(deps: SweepDeps): Promise<Swept> {
  const end = performance.now() + ROUND_MS;
  const counts = { revived: 0, continued: 0, refreshed: 0, undone: 0 };
  // One that the database does not answer must not keep the other from its work.
  const parts = await Promise.allSettled([reviveWaiting(deps, end, counts), continueLeftAlone(deps, end, counts)]);
  await deps.removeOldFiles?.((workflowId) => deps.runs.isOpen(workflowId), end);
  if (counts.undone > 0) log.warn('The sweep could not do all; a later round will.', counts);
  const failed = parts.find((part) => part.status === 'rejected');
  if (failed) throw failed.reason;
  return counts;
}

type Counts = { -readonly [Name in keyof Swept]: Swept[Name] };

async function reviveWaiting(deps: SweepDeps, end: number, counts: Counts): Promise<void> {
  const { db, clusterName, overdueAfterSeconds, sweepLimit, runs, modes } = deps;
  const consumers = Object.keys(modes);
  const revived = await db.reviveDeliveries(db.autocommit, clusterName, consumers, sweepLimit, overdueAfterSeconds);
  counts.revived = revived.length;
  const undone = await eachOf(revived, end, (event) => runs.continueEvent(event));
  counts.undone += undone;
}

async function continueLeftAlone(deps: SweepDeps, end: number, counts: Counts): Promise<void> {
  const { db, clusterName, overdueAfterSeconds, sweepLimit, runs } = deps;
  const leftAlone = await db.claimLeftAlone(db.autocommit, clusterName, sweepLimit, overdueAfterSeconds);
  const undone = await eachOf(byWorkflow(leftAlone), end, async ([workflowId, events]) => {
    if (await runs.isOpen(workflowId)) {
      if (!events.some(({ late }) => late)) return;
      await runs.refresh(workflowId);
      counts.refreshed += 1;
      return;
    }
    for (const { key, contentHash, owner } of events) {
      if ((await db.takeOver(db.autocommit, key, owner, clusterName)) === 0) continue; // somebody was faster
      await runs.continueEvent({ key, contentHash });
      counts.continued += 1;
    }
  });
  counts.undone += undone;
}

/** One question, and at most one signal, per workflow. */
function byWorkflow(leftAlone: readonly LeftAlone[]): Map<string, LeftAlone[]> {
  const groups = new Map<string, LeftAlone[]>();
  for (const one of leftAlone) {
    const { workflowId } = one.owner;
    groups.set(workflowId, [...(groups.get(workflowId) ?? []), one]);
  }
  return groups;
}
