import type { ChatEvent } from '../../events/catalogue';

/** What a column can be given: JSON, from which Postgres makes the column's type. */
export type Value =
  string | number | boolean | null | undefined | readonly unknown[] | Readonly<Record<string, unknown>>;

/** One row, with exactly these columns. */
export type Row<Columns extends readonly string[]> = Readonly<Record<Columns[number], Value>>;

/** The event's key, which every row keeps: how it got here, and how it is found again. */
export function keyOf({ type, siteId, id }: Pick<ChatEvent, 'type' | 'siteId' | 'id'>): string {
  return `${type}/${siteId}/${id}`;
}
