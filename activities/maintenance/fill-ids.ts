import type { EventWithoutIds, FilledIds } from '../../db/fill-ids';
import { catalogue, type EventType } from '../../events/catalogue';
import type { EventId } from '../../events/compared-id';
import { eventIds } from '../../events/event-ids';
import type { HashIds } from '../record/id-hashes';

/** Events in one statement: an event's data may be large. */
export const FILL_BATCH = 100;

interface FillStore {
  findWithoutIds(where: { readonly siteId?: string }, limit: number): Promise<EventWithoutIds[]>;
  fillIds(filled: readonly FilledIds[]): Promise<number>;
}

/** Fills in the hashes of events that have none. @returns how many events it found; fewer than FILL_BATCH = these were the last */
export async function fillIdsOnce(db: FillStore, hash: HashIds, where: { readonly siteId?: string }): Promise<number> {
  const found = await db.findWithoutIds(where, FILL_BATCH);
  if (found.length > 0) await db.fillIds(found.map((event) => ({ key: event.key, ids: hash(idsOf(event)) })));
  return found.length;
}

/** A newer release may have recorded an event that this one does not know; an earlier one, data that are read in another way now. */
function idsOf({ type, data }: EventWithoutIds): EventId[] {
  try {
    return Object.hasOwn(catalogue, type) ? eventIds(type as EventType, data) : []; // it is one of them
  } catch {
    return []; // so that it does not hold up the others
  }
}
