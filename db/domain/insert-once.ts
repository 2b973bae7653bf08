import type { ChatEvent, EventType } from '../../events/catalogue';
import type { Tx } from '../tx';
import type { EventTable, Row } from './event-row';

/** Inserts the rows of these events: one statement. */
export async function saveRows<T extends EventType>(
  tx: Tx,
  { table, rowsOf }: EventTable<T>,
  events: readonly ChatEvent<T>[],
): Promise<void> {
  await insertOnce(tx, table, events.flatMap(rowsOf));
}

/**
 * Inserts rows that are known by their event, and by `position` if an event has several: inserting a row again adds nothing.
 * Rows are inserted in the order of the primary key, so that concurrent calls cannot deadlock.
 */
export async function insertOnce(tx: Tx, table: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const text = texts.get(table) ?? insertOnceText(table, Object.keys(first));
  texts.set(table, text);
  await tx.query(text, [JSON.stringify(rows)]);
}

/** By table, each of which has one. */
const texts = new Map<string, string>();

/** The statement that inserts the rows of $1, a JSON array, that are not there yet. */
export function insertOnceText(table: string, columns: readonly string[]): string {
  const list = columns.join(', ');
  return `
insert into ${table} (${list})
select ${list}
from jsonb_populate_recordset(null::${table}, $1)
order by event_key collate "C"${columns.includes('position') ? ', position' : ''}
on conflict do nothing`;
}
