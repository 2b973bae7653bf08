import type { Owner } from '../../db/owner';
import type { PlacedEvent } from '../../db/placement';

/** An activity of a run on this process's cluster. */
export interface RunningActivity {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

/** The runs that a cluster has of a workflow that is to be erased. */
export type ErasedRun =
  | { readonly state: 'gone' }
  | { readonly state: 'open' }
  | {
      readonly state: 'found';
      /** Names of the files of large events that its runs were started with. */
      readonly files: readonly string[];
      /** Tells the cluster to delete all its runs. */
      readonly remove: () => Promise<void>;
    };

/** The clusters that this process serves, as maintenance needs them. */
export interface Runs {
  /** The cluster that this runs on. */
  readonly here: string;
  /** All clusters that the process knows, by name. */
  readonly known: readonly string[];
  /** Clusters that answer at the moment; `here` is one. */
  usable(): readonly string[];
  /** Clusters that no live worker has reached for so long that others take over their events. */
  givenUp(): Promise<readonly string[]>;
  /** True while the run is open; false when it is closed or unknown. */
  isOpen(run: Owner): Promise<boolean>;
  /** Signals an open run to read its rows; does nothing when it is closed or unknown. */
  refresh(run: Owner): Promise<void>;
  /** Ids of workflows on this cluster whose run the server reports as failing, at most `limit`. */
  findFailing(limit: number): Promise<string[]>;
  /**
   * Starts the same workflow with the same input in the place of an open run whose workflow task fails again and again.
   *
   * @returns why; undefined: it does not fail, or it was started a short while ago
   */
  restartIfFailing(run: Owner): Promise<string | undefined>;
  /** True for an activity on this cluster whose attempt an operator has asked for, by Reset or Unpause. */
  wasAskedFor(activity: RunningActivity): Promise<boolean>;
  /** @param mayEnd true = it is terminated if it is open */
  eraseWorkflow(run: Owner, mayEnd: boolean): Promise<ErasedRun>;
  /** Starts the event's own workflow on its cluster, or signals its open run to read its rows. */
  continueEvent(event: PlacedEvent): Promise<void>;
  /** Starts a workflow for recorded events on a cluster; the rows name it as the owner of their deliveries. */
  continueBatch(batch: Owner & { readonly keys: readonly string[] }): Promise<void>;
}
