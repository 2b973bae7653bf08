import type { Database } from '../../db/database';
import { ownerHere } from '../owner-here';
import { toRecorded, type ConsumerModes, type RecordedEvent } from './recorded-event';

export interface KeysInput {
  readonly keys: readonly string[];
}

export interface ReadDeps {
  readonly db: Database;
  readonly clusterName: string;
  readonly modes: ConsumerModes;
}

/** The events of a run as their rows are now; keys that the database does not know are left out. */
export async function readRecorded({ keys }: KeysInput, deps: ReadDeps): Promise<RecordedEvent[]> {
  const possible = keys.filter((key) => !key.includes('\0')); // PostgreSQL has no such text
  const routed = await deps.db.readDeliveries(possible);
  return toRecorded(routed, ownerHere(deps), deps.modes);
}
