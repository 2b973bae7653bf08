import { randomUUID } from 'node:crypto';
import { countRowsOfEvents, countRowsOfSite, type RowCounts } from '../db/count-erased';
import { addErasure, findErased, readErasure, writeReceipt, type Erasure, type ErasureReceipt } from '../db/erasures';
import { countRefused, eraseEvents, eraseRefused, eraseOfSite, type ErasedBatch } from '../db/erase-events';
import { TABLES_OF_SITE } from '../db/erased-tables';
import type { Tx } from '../db/tx';
import { BATCH, findAll, findBatch, openErased, type Erased } from './find-erased';
import type { Ops } from './open-ops';
import type { SiteEntry } from './site-entries';

/** Rows of a removed site in one statement; those that refer to them go, too. */
const ROWS_OF_SITE = 2_000;

/** The rows that an erasure would remove from the database. */
export interface ErasedCount {
  readonly events: number;
  readonly refused: number;
  readonly rows: RowCounts;
  /** Entries of the events in the journals that were given. */
  readonly inJournals: number;
}

/** Counts the rows that eraseInDatabase would remove at this moment. */
export async function countInDatabase(
  ops: Ops,
  siteId: string,
  erased: Erased,
  entries: readonly SiteEntry[],
): Promise<ErasedCount> {
  const db = await ops.database();
  const keys = erased.by === 'site' ? [] : await findAll(db, await openErased(db, ops, siteId, erased, entries));
  const { refused_event: _, ...rows } =
    erased.by === 'site' ? await countRowsOfSite(db, siteId) : await countRowsOfEvents(db, keys);
  const refused = await countRefused(db, refusedOf(siteId, erased), keys);
  const isErased = new Set(keys);
  const inJournals = entries.filter(({ key }) => erased.by === 'site' || isErased.has(key)).length;
  return { events: rows['event'] ?? 0, refused, rows, inJournals };
}

const refusedOf = (siteId: string, erased: Erased) => ({
  siteId,
  text: erased.by === 'site' ? null : erased.value,
  isKey: erased.by === 'event',
});

/**
 * Erases in the database, batch by batch, and notes the workflows, which the sweep deletes. It is safe to call it again: what is
 * gone is not found again.
 *
 * @param entries all of the site in the journals that were given: the keys of those to erase are remembered
 * @param clusters names of all
 * @param onProgress events that were erased so far
 */
export async function eraseInDatabase(
  ops: Ops,
  siteId: string,
  erased: Erased,
  entries: readonly SiteEntry[],
  clusters: readonly string[],
  onProgress: (events: number) => void,
): Promise<Erasure> {
  const db = await ops.database();
  const found = await openErased(db, ops, siteId, erased, entries);
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
        const keys = await find(tx);
        const batch = keys.length === 0 ? NOTHING : await eraseEvents(tx, keys, scope);
        if (isToKeep(total.atDestinations.length + batch.left.length)) {
          const atDestinations = [...total.atDestinations, ...batch.left];
          const events = total.events + (batch.rows['event'] ?? 0);
          await writeReceipt(tx, id, { ...total, events, atDestinations, unfinished: true });
        }
        return { keys, ...batch };
      }),
    );
    for (const [table, n] of Object.entries(rows)) count(table, n);
    total.atDestinations.push(...left);
    if (isToKeep(total.atDestinations.length)) kept = total.atDestinations.length;
    total.events += rows['event'] ?? 0;
    if (keys.length > 0) onProgress(total.events);
    return keys.length;
  };
  while ((await eraseBatch((tx) => findBatch(tx, found))) > 0);
  for (let at = 0; at < found.known.length; at += BATCH)
    await eraseBatch(async () => found.known.slice(at, at + BATCH));
  for (let at = 0; at < found.inJournals.length; at += BATCH)
    await eraseBatch(async (tx) => {
      const keys = found.inJournals.slice(at, at + BATCH);
      const done = await findErased(tx, keys);
      return keys.filter((key) => !done.has(key));
    });
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
    const refused = await eraseRefused(tx, { ...scope, ...refusedOf(siteId, erased) });
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
