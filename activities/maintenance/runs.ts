import type { Owner } from '../../db/owner';
import type { PlacedEvent } from '../../db/placement';

/** What maintenance needs of the clusters that this process serves. */
export interface Runs {
  /** The cluster that this runs on. */
  readonly here: string;
  /** All clusters that the process knows, by name. */
  readonly known: readonly string[];
  /** Those that can be asked and given work at the moment; `here` is one. */
  usable(): readonly string[];
  /** Those that have been down for so long that others take over what is theirs. */
  givenUp(): readonly string[];
  /** True while the run is open; false when it is closed or unknown. */
  isOpen(run: Owner): Promise<boolean>;
  /** Tells an open run to look at its rows; does nothing where it is closed or unknown. */
  refresh(run: Owner): Promise<void>;
  /** Starts the event's own workflow on its cluster, or tells its open run to look at its rows. */
  continueEvent(event: PlacedEvent): Promise<void>;
}
