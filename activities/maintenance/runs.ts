import type { Owner } from '../../db/owner';
import type { PlacedEvent } from '../../db/placement';

/** The clusters that this process serves, as maintenance needs them. */
export interface Runs {
  /** The cluster that this runs on. */
  readonly here: string;
  /** All clusters that the process knows, by name. */
  readonly known: readonly string[];
  /** Clusters that answer at the moment; `here` is one. */
  usable(): readonly string[];
  /** Clusters that have been down for so long that others take over their events. */
  givenUp(): readonly string[];
  /** True while the run is open; false when it is closed or unknown. */
  isOpen(run: Owner): Promise<boolean>;
  /** Signals an open run to read its rows; does nothing when it is closed or unknown. */
  refresh(run: Owner): Promise<void>;
  /** Starts the event's own workflow on its cluster, or signals its open run to read its rows. */
  continueEvent(event: PlacedEvent): Promise<void>;
}
