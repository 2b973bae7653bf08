import type { ChatEvent, EventType } from '../../events/catalogue';

/** A value for a column: JSON, from which PostgreSQL makes the column's type. */
export type Value =
  string | number | boolean | null | undefined | readonly unknown[] | Readonly<Record<string, unknown>>;

/** One row by the names of its columns. All rows of a table have the same columns. */
export type Row = Readonly<Record<string, Value>>;

/** A row with exactly these columns, for tables of which a row may fill only a part. */
export type RowOf<Columns extends readonly string[]> = Readonly<Record<Columns[number], Value>>;

/** A table whose rows never change: each stands for one event, or for one entry of an event's list. */
export interface EventTable<T extends EventType> {
  readonly table: string;
  readonly rowsOf: (event: ChatEvent<T>) => readonly Row[];
}

/** The event's key, which every row keeps: the row is found again by it. */
export function eventKeyOf({ type, siteId, id }: Pick<ChatEvent, 'type' | 'siteId' | 'id'>): string {
  return `${type}/${siteId}/${id}`;
}
