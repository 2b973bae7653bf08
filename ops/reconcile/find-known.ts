import { findKnownEvents } from '../../db/reconcile-events';
import type { Tx } from '../../db/tx';

/** Keys in one statement. */
const KEYS = 5_000;

/** When each event was received, in milliseconds since 1970, null: it was refused or erased; unknown keys are left out. */
export async function findKnown(db: Tx, keys: readonly string[]): Promise<Map<string, number | null>> {
  const known = new Map<string, number | null>();
  for (let at = 0; at < keys.length; at += KEYS) {
    for (const { key, receivedAt } of await findKnownEvents(db, keys.slice(at, at + KEYS)))
      known.set(key, receivedAt === null ? null : new Date(receivedAt).getTime());
  }
  return known;
}
