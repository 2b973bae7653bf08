import type { Database } from '../../db/database';

/** What the sweep needs of the cluster that it runs on. */
export interface Runs {
  /** True while a run of this workflow id is open; false when it is closed or unknown. */
  isOpen(workflowId: string): Promise<boolean>;
  /** Tells an open run to look at its rows. */
  refresh(workflowId: string): Promise<void>;
  /** Starts the event's own workflow, or tells its open run to look at its rows. */
  continueEvent(key: string): Promise<void>;
}

export interface SweepDeps {
  readonly db: Database;
  readonly clusterName: string;
  readonly overdueAfterSeconds: number;
  /** Most deliveries in one round: the rate at which work comes back. */
  readonly sweepLimit: number;
  readonly runs: Runs;
}

export interface Swept {
  readonly revived: number;
  readonly continued: number;
  readonly refreshed: number;
}

/**
 * One round: continues what waited for a subscription or connection that is good again, and what nobody works on although
 * its run is closed or unknown; tells open runs that are late to look. What fails here is claimed again by a later round.
 */
export async function sweep({ db, clusterName, overdueAfterSeconds, sweepLimit, runs }: SweepDeps): Promise<Swept> {
  const revived = await db.reviveDeliveries(db.autocommit, clusterName, sweepLimit, overdueAfterSeconds);
  for (const key of revived) await runs.continueEvent(key);

  const leftAlone = await db.claimLeftAlone(db.autocommit, sweepLimit, overdueAfterSeconds);
  const open = new Map<string, boolean>(); // one question per workflow
  const counts = { revived: revived.length, continued: 0, refreshed: 0 };
  for (const { key, owner, late } of leftAlone) {
    if (owner.cluster !== clusterName) continue; // another cluster's, whose own sweep looks after it
    const isOpen = open.get(owner.workflowId) ?? (await runs.isOpen(owner.workflowId));
    open.set(owner.workflowId, isOpen);
    if (isOpen && late) {
      await runs.refresh(owner.workflowId);
      counts.refreshed += 1;
    }
    if (!isOpen && (await db.takeOver(db.autocommit, key, owner, clusterName)) > 0) {
      await runs.continueEvent(key);
      counts.continued += 1;
    }
  }
  return counts;
}
