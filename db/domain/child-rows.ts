import type { Tx } from '../tx';
import type { Row } from './event-row';
import { insertOnce } from './insert-once';

/** A row that stands for the latest event, with rows of its own in other tables. */
export type Winner<Identity extends string> = Readonly<Record<Identity | 'event_key', string>> & {
  /** An earlier event's row was replaced, so that there may be rows of that event. */
  readonly replaced: boolean;
};

/** The rows that a statement of `lastWrite` has to return so that child rows can follow. */
export function returningWinners(table: string, identity: readonly string[]): string {
  return `returning ${identity.join(', ')}, event_key, ${table}.xmax <> 0 as replaced`;
}

/**
 * Saves the entries of one list inside events: rows known by event and position, that belong to a row which stands for
 * the latest event about the same thing. Keeps those of the winners, and removes those of an earlier event.
 */
export async function saveChildRows<const Identity extends string>(
  tx: Tx,
  table: string,
  identity: readonly Identity[],
  winners: readonly Winner<Identity>[],
  rows: readonly Row[],
): Promise<void> {
  const replacing = winners.filter(({ replaced }) => replaced);
  if (replacing.length > 0) await tx.query(deleteStale(table, identity), [JSON.stringify(replacing)]);
  const keys = new Set<unknown>(winners.map((winner) => winner.event_key));
  await insertOnce(
    tx,
    table,
    rows.filter((row) => keys.has(row['event_key'])),
  );
}

const deleteStale = (table: string, identity: readonly string[]): string => `
delete from ${table} as child
using jsonb_to_recordset($1) as winner(${identity.map((column) => `${column} text`).join(', ')}, event_key text)
where ${identity.map((column) => `child.${column} = winner.${column}`).join(' and ')} and child.event_key <> winner.event_key`;
