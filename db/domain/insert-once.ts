import type { Tx } from '../tx';
import type { Row } from './event-row';

/** A table whose rows never change: each stands for one event, or for one entry of an event's list. */
export interface AppendOnlyTable<Columns extends readonly string[]> {
  insert(tx: Tx, rows: readonly Row<Columns>[]): Promise<void>;
}

/**
 * Rows known by their event, so that saving an event again adds nothing. All rows are one statement, in the order of
 * the primary key, so that concurrent calls wait for each other and never in a circle.
 *
 * @param columns with `event_key`, and `position` where an event has several rows
 */
export function appendOnly<const Columns extends readonly string[]>(
  table: string,
  columns: Columns,
): AppendOnlyTable<Columns> {
  const statement = insertOnce(table, columns);
  return {
    async insert(tx, rows) {
      if (rows.length > 0) await tx.query(statement, [JSON.stringify(rows)]);
    },
  };
}

/** Inserts the rows of $1, a JSON array, that are not there yet. */
export function insertOnce(table: string, columns: readonly string[]): string {
  const list = columns.join(', ');
  return `
insert into ${table} (${list})
select ${list}
from jsonb_populate_recordset(null::${table}, $1)
order by event_key collate "C"${columns.includes('position') ? ', position' : ''}
on conflict do nothing`;
}
