import type { Database } from '../../db/database';
import { ownerHere } from '../owner-here';
import type { KeysInput } from './read-recorded';

interface HandOverDeps {
  readonly db: Database;
  readonly clusterName: string;
}

/** End of a batch: its unfinished deliveries go to the workflows of their events' keys. @returns how many */
export async function handOver({ keys }: KeysInput, deps: HandOverDeps): Promise<number> {
  return await deps.db.handOverDeliveries(keys, ownerHere(deps));
}
