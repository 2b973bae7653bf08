import { randomUUID } from 'node:crypto';
import { FILL_BATCH, fillIdsOnce } from '../activities/maintenance/fill-ids';
import type { HashIds } from '../activities/record/id-hashes';
import { addErasure, readErasure, writeReceipt, type Erasure, type ErasureReceipt } from '../db/erasures';
import {
  eraseEvents,
  eraseRefused,
  eraseOfSite,
  findEventsToErase,
  TABLES_OF_SITE,
  type ErasedBatch,
  type ErasedPart,
} from '../db/erase-events';
import { findPrunedOfPerson } from '../db/find-pruned';
import { fillIds, findWithoutIds } from '../db/fill-ids';
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
const BATCH = 50;
/** Rows of a removed site in one statement; those that refer to them go, too. */
const ROWS_OF_SITE = 2_000;
/** Events of the same chats, in the same transaction. */
const MOST_OF_CHATS = 1_000;

/**
 * Erases in the database, batch by batch, and notes the workflows, which the sweep deletes. It is safe to call it again: what is
 * gone is not found again.
 *
 * @param clusters names of all
 * @param onProgress events that were erased so far
 */
export async function eraseInDatabase(
  ops: Ops,
  siteId: string,
  erased: Erased,
  clusters: readonly string[],
  onProgress: (events: number) => void,
): Promise<Erasure> {
  const db = await ops.database();
  const hash = await openHashes(db, ops);
  if (erased.by !== 'event' && erased.by !== 'site') await fillSite(db, hash, siteId);
  const id = randomUUID();
  await addErasure(db, { id, siteId, by: erased.by });
  const total = {
    events: 0,
    refused: 0,
    rows: {} as Record<string, number>,
    atDestinations: [] as ErasedBatch['left'][number][],
  };
  const count = (table: string, rows: number): void => void (total.rows[table] = (total.rows[table] ?? 0) + rows);
  const scope = { erasure: id, siteId, clusters, isWholeSite: erased.by === 'site' };
  // Nothing else tells of records at destinations later. Of a large site they are many: the receipt is written when it has grown by a part.
  let kept = 0;
  const isToKeep = (records: number): boolean => records > kept * (erased.by === 'site' ? 1.1 : 1);
  const eraseBatch = async (find: (tx: Tx) => Promise<string[]>): Promise<number> => {
    const { keys, rows, left } = await pastDeadlocks(() =>
      ops.inTransaction(async (tx) => {
        const found = await find(tx);
        const batch = found.length === 0 ? NOTHING : await eraseEvents(tx, found, scope);
        if (isToKeep(total.atDestinations.length + batch.left.length)) {
          const atDestinations = [...total.atDestinations, ...batch.left];
          const events = total.events + (batch.rows['event'] ?? 0);
          await writeReceipt(tx, id, { ...total, events, atDestinations, unfinished: true });
        }
        return { keys: found, ...batch };
      }),
    );
    for (const [table, n] of Object.entries(rows)) count(table, n);
    total.atDestinations.push(...left);
    if (isToKeep(total.atDestinations.length)) kept = total.atDestinations.length;
    total.events += rows['event'] ?? 0;
    if (keys.length > 0) onProgress(total.events);
    return keys.length;
  };
  // One that no worker has recorded yet may be in Temporal or in a journal.
  if (erased.by === 'event') await eraseBatch(async () => [erased.value]);
  else {
    const part = partOf(siteId, erased, hash);
    const pruned =
      erased.by === 'site'
        ? []
        : await findPrunedOfPerson(db, siteId, erased.by, comparedId(erased.by, erased.value).value);
    while ((await eraseBatch((tx) => findBatch(tx, part, hash))) > 0);
    for (let at = 0; at < pruned.length; at += BATCH) await eraseBatch(async () => pruned.slice(at, at + BATCH));
  }
  if (erased.by === 'site') {
    for (const table of TABLES_OF_SITE) {
      let rows;
      do {
        rows = await pastDeadlocks(() => eraseOfSite(db, table, siteId, ROWS_OF_SITE));
        if (rows > 0) count(table, rows);
      } while (rows === ROWS_OF_SITE);
    }
  }
  await ops.inTransaction(async (tx) => {
    const refused = await eraseRefused(tx, {
      ...scope,
      text: erased.by === 'site' ? null : erased.value,
      isKey: erased.by === 'event',
    });
    total.refused = refused + (total.rows['refused_event'] ?? 0);
    await writeReceipt(tx, id, total satisfies ErasureReceipt);
  });
  const erasure = await readErasure(db, id);
  if (erasure === undefined) throw new Error('The erasure was written a moment ago.');
  return erasure;
}

const NOTHING: ErasedBatch = { rows: {}, left: [] };
const MOST_TRIES = 5;

/** Recordings may meet the same rows of the tables in another order: PostgreSQL then ends one of the two. */
async function pastDeadlocks<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code !== '40P01' || tries === MOST_TRIES) throw error;
    }
  }
}

/** Each is about one conversation; a list of conversions may be about several people. */
const ONE_CHAT: readonly string[] = ['Chat.Ended', 'OfflineMessage.Submit', 'Visitor.Rating'] satisfies EventType[];
/** A wrap-up may name its chat by a number that only the rating has beside the chat's GUID. */
const LEVELS = 2;

/** The next events of the part, with the events of their chats: a rating has no other id. */
async function findBatch(tx: Tx, part: ErasedPart, hash: HashIds): Promise<string[]> {
  const found = new Map((await findEventsToErase(tx, part, BATCH)).map((event) => [event.key, event]));
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

const partOf = (siteId: string, erased: Exclude<Erased, { by: 'event' }>, hash: HashIds): ErasedPart => ({
  siteId,
  hashes: erased.by === 'site' ? null : hash([comparedId(erased.by, erased.value)]),
});

/** An event without hashes would not be found. */
async function fillSite(db: Tx, hash: HashIds, siteId: string): Promise<void> {
  const store = {
    findWithoutIds: (where: { readonly siteId?: string }, limit: number) => findWithoutIds(db, where, limit),
    fillIds: (filled: Parameters<typeof fillIds>[1]) => fillIds(db, filled),
  };
  while ((await fillIdsOnce(store, hash, { siteId })) === FILL_BATCH);
}
