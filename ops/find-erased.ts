import { FILL_BATCH, fillIdsOnce } from '../activities/maintenance/fill-ids';
import type { HashIds } from '../activities/record/id-hashes';
import { findEventsToErase, type ErasedPart, type EventToErase } from '../db/erase-events';
import { fillIds, findWithoutIds } from '../db/fill-ids';
import { findPrunedOfPerson } from '../db/find-pruned';
import type { Tx } from '../db/tx';
import type { EventType } from '../events/catalogue';
import { comparedId, type EventId } from '../events/compared-id';
import { eventIds } from '../events/event-ids';
import { openHashes } from './find-by-id';
import type { Ops } from './open-ops';
import { matchEntries, type SiteEntry } from './site-entries';

/** The subject of an erasure at a site. */
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
  /** Keys of entries in journals; the events of some may be recorded, too. */
  readonly inJournals: readonly string[];
}

/**
 * @param entries all of the site in the journals that were given
 * @throws CommandFailure where the key of the hashes cannot be opened
 */
export async function openErased(
  db: Tx,
  ops: Ops,
  siteId: string,
  erased: Erased,
  entries: readonly SiteEntry[],
): Promise<OpenErased> {
  const hash = await openHashes(db, ops);
  if (erased.by === 'site')
    return { hash, part: { siteId, hashes: null }, known: [], inJournals: entries.map(({ key }) => key) };
  // One that no worker has recorded yet may be in Temporal or in a journal.
  if (erased.by === 'event') return { hash, part: { siteId, hashes: [] }, known: [erased.value], inJournals: [] };
  await fillSite(db, hash, siteId);
  const id = comparedId(erased.by, erased.value);
  const known = await findPrunedOfPerson(db, siteId, erased.by, id.value);
  const recorded = { hash, part: { siteId, hashes: hash([id]) }, known, inJournals: [] };
  if (entries.length === 0) return recorded;
  const ids = [id];
  for await (const events of pagesOf(db, recorded)) ids.push(...chatsOf(events));
  const { keys, chats } = matchEntries(entries, ids, ONE_CHAT);
  return { ...recorded, part: { siteId, hashes: hash([id, ...chats]) }, inJournals: keys };
}

/** Each is about one conversation; a list of conversions may be about several people. */
const ONE_CHAT: readonly string[] = ['Chat.Ended', 'OfflineMessage.Submit', 'Visitor.Rating'] satisfies EventType[];
/** A wrap-up may name its chat by a number that only the rating has beside the chat's GUID. */
const LEVELS = 2;

/** The next events of the part, with the events of their chats: a rating has no other id. */
export async function findBatch(tx: Tx, erased: OpenErased): Promise<string[]> {
  const found = await findEventsToErase(tx, erased.part, BATCH);
  return (await withChats(tx, erased, found)).map(({ key }) => key).sort();
}

/** All keys of an erasure that is not of a whole site, each once. */
export async function findAll(tx: Tx, erased: OpenErased): Promise<string[]> {
  const keys = new Set([...erased.known, ...erased.inJournals]);
  for await (const events of pagesOf(tx, erased)) for (const { key } of events) keys.add(key);
  return [...keys];
}

async function* pagesOf(tx: Tx, erased: OpenErased): AsyncGenerator<EventToErase[]> {
  let found: EventToErase[] = [];
  do {
    found = await findEventsToErase(tx, erased.part, BATCH, found.at(-1)?.key);
    yield await withChats(tx, erased, found);
  } while (found.length === BATCH);
}

async function withChats(tx: Tx, { part, hash }: OpenErased, events: readonly EventToErase[]): Promise<EventToErase[]> {
  const found = new Map(events.map((event) => [event.key, event]));
  for (let level = 0; part.hashes !== null && level < LEVELS; level++) {
    const chats = chatsOf([...found.values()]);
    if (chats.length === 0) break;
    const ofChats = await findEventsToErase(tx, { ...part, hashes: hash(chats) }, MOST_OF_CHATS);
    for (const event of ofChats) found.set(event.key, event);
  }
  return [...found.values()];
}

const chatsOf = (events: readonly EventToErase[]): EventId[] =>
  events
    .filter(({ type }) => ONE_CHAT.includes(type))
    .flatMap(({ type, data }) => eventIds(type as EventType, data).filter(({ kind }) => kind === 'chat')); // one of these

/** An event without hashes would not be found. */
async function fillSite(db: Tx, hash: HashIds, siteId: string): Promise<void> {
  const store = {
    findWithoutIds: (where: { readonly siteId?: string }, limit: number) => findWithoutIds(db, where, limit),
    fillIds: (filled: Parameters<typeof fillIds>[1]) => fillIds(db, filled),
  };
  while ((await fillIdsOnce(store, hash, { siteId })) === FILL_BATCH);
}
