import { JournalReader } from '../client/journal/journal-reader';
import { findErased } from '../db/erasures';
import type { Tx } from '../db/tx';
import type { EventId } from '../events/compared-id';
import { eventIds } from '../events/event-ids';
import { readEvent } from '../events/read-event';

/** An event in a journal that is not erased; its data stay on the disk. */
export interface SiteEntry {
  readonly key: string;
  readonly type: string;
  /** Null: it cannot be read as an event. */
  readonly ids: readonly EventId[] | null;
}

/** Keys in one question. */
const ASKED = 1_000;

/** The entries of a site in journals, also those that no worker has recorded yet. @throws the file system's error */
export async function readSiteEntries(db: Tx, folders: readonly string[], siteId: string): Promise<SiteEntry[]> {
  const entries: SiteEntry[] = [];
  for (const folder of folders) {
    const reader = await JournalReader.open(folder);
    try {
      for (const file of reader.files) {
        const ofSite = (await reader.eventsOf(file)).filter((event) => event.siteId === siteId);
        for (let at = 0; at < ofSite.length; at += ASKED) {
          const some = ofSite.slice(at, at + ASKED);
          const keys = some.map(({ key }) => key);
          const erased = await findErased(db, keys);
          for (const event of some) {
            if (!erased.has(event.key)) entries.push(entryOf((await reader.read(event)).input, event.key));
          }
        }
      }
    } finally {
      await reader.close();
    }
  }
  return entries;
}

function entryOf(input: object, key: string): SiteEntry {
  const read = readEvent(input, { id: '', receivedAt: '', isGivenKey: (given) => given === key });
  if (!read.ok) return { key, type: '', ids: null };
  const { type, data } = read.event;
  return { key, type, ids: eventIds(type, data) };
}

/**
 * The entries that have one of these ids, with the entries of their chats.
 *
 * @param ofOneChat types of events that are about one conversation only
 * @returns their keys, and the chats that they are about
 */
export function matchEntries(
  entries: readonly SiteEntry[],
  ids: readonly EventId[],
  ofOneChat: readonly string[],
): { readonly keys: readonly string[]; readonly chats: readonly EventId[] } {
  const nameOf = ({ kind, value }: EventId): string => `${kind} ${value}`;
  const sought = new Set(ids.map(nameOf));
  const keys = new Set<string>();
  const chats = new Map<string, EventId>();
  for (let before = -1; before < keys.size;) {
    before = keys.size;
    for (const entry of entries) {
      if (keys.has(entry.key) || !entry.ids?.some((id) => sought.has(nameOf(id)))) continue;
      keys.add(entry.key);
      if (!ofOneChat.includes(entry.type)) continue;
      for (const id of entry.ids.filter(({ kind }) => kind === 'chat')) {
        sought.add(nameOf(id));
        chats.set(nameOf(id), id);
      }
    }
  }
  return { keys: [...keys], chats: [...chats.values()] };
}
