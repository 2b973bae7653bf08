import { FILL_BATCH, fillIdsOnce } from '../activities/maintenance/fill-ids';
import type { HashIds } from '../activities/record/id-hashes';
import { findEventsToErase, type ErasedPart, type EventToErase } from '../db/erase-events';
import { fillIds, findWithoutIds } from '../db/fill-ids';
import { findPrunedOfPerson } from '../db/find-pruned';
import type { Tx } from '../db/tx';
import type { EventType } from '../events/catalogue';
import { comparedId, eventIds } from '../events/event-ids';
import { openHashes } from './find-by-id';
import type { Ops } from './open-ops';

/** What to erase at a site. */
export type Erased =
  | { readonly by: 'visitor' | 'email'; readonly value: string }
  | { readonly by: 'event'; readonly value: string }
  | { readonly by: 'site' };

/** Events in one transaction: each may have large data. */
export const BATCH = 50;
/** Events of the same chats, in the same transaction. */
const MOST_OF_CHATS = 1_000;

/** How the events to erase are found. */
export interface OpenErased {
  readonly part: ErasedPart;
  readonly hash: HashIds;
  /** Keys that are known without looking for events by their ids. */
  readonly known: readonly string[];
}

/** @throws CommandFailure where the key of the hashes cannot be opened */
export async function openErased(db: Tx, ops: Ops, siteId: string, erased: Erased): Promise<OpenErased> {
  const hash = await openHashes(db, ops);
  if (erased.by === 'site') return { hash, part: { siteId, hashes: null }, known: [] };
  // One that no worker has recorded yet may be in Temporal or in a journal.
  if (erased.by === 'event') return { hash, part: { siteId, hashes: [] }, known: [erased.value] };
  await fillSite(db, hash, siteId);
  const id = comparedId(erased.by, erased.value);
  const known = await findPrunedOfPerson(db, siteId, erased.by, id.value);
  return { hash, part: { siteId, hashes: hash([id]) }, known };
}

/** Each is about one conversation; a list of conversions may be about several people. */
const ONE_CHAT: readonly string[] = ['Chat.Ended', 'OfflineMessage.Submit', 'Visitor.Rating'] satisfies EventType[];
/** A wrap-up may name its chat by a number that only the rating has beside the chat's GUID. */
const LEVELS = 2;

/** The next events of the part, with the events of their chats: a rating has no other id. */
export async function findBatch(tx: Tx, erased: OpenErased): Promise<string[]> {
  const found = await findEventsToErase(tx, erased.part, BATCH);
  return await withChats(tx, erased, found);
}

/** All keys of an erasure that is not of a whole site, each once. */
export async function findAll(tx: Tx, erased: OpenErased): Promise<string[]> {
  const keys = new Set(erased.known);
  let found: EventToErase[] = [];
  do {
    found = await findEventsToErase(tx, erased.part, BATCH, found.at(-1)?.key);
    for (const key of await withChats(tx, erased, found)) keys.add(key);
  } while (found.length === BATCH);
  return [...keys];
}

async function withChats(tx: Tx, { part, hash }: OpenErased, events: readonly EventToErase[]): Promise<string[]> {
  const found = new Map(events.map((event) => [event.key, event]));
  for (let level = 0; part.hashes !== null && level < LEVELS; level++) {
    const chats = [...found.values()]
      .filter(({ type }) => ONE_CHAT.includes(type))
      .flatMap(({ type, data }) => eventIds(type as EventType, data).filter(({ kind }) => kind === 'chat')); // one of these
    if (chats.length === 0) break;
    const ofChats = await findEventsToErase(tx, { ...part, hashes: hash(chats) }, MOST_OF_CHATS);
    for (const event of ofChats) found.set(event.key, event);
  }
  return [...found.keys()].sort();
}

/** An event without hashes would not be found. */
async function fillSite(db: Tx, hash: HashIds, siteId: string): Promise<void> {
  const store = {
    findWithoutIds: (where: { readonly siteId?: string }, limit: number) => findWithoutIds(db, where, limit),
    fillIds: (filled: Parameters<typeof fillIds>[1]) => fillIds(db, filled),
  };
  while ((await fillIdsOnce(store, hash, { siteId })) === FILL_BATCH);
}
