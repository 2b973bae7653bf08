import type { Row } from './event-row';

/**
 * Columns that are written together, and by the latest event only. The first two hold that event's key and its
 * receivedAt.
 */
export interface Part {
  readonly columns: readonly [key: string, receivedAt: string, ...rest: string[]];
  /** A row with a value in this column counts as later than any row without. */
  readonly preferred?: string;
}

/** The columns of rows that have one part, with the names that its first two have in every table. */
export function columnsOf(row: Row, identity: readonly string[]): Part['columns'] {
  const others = Object.keys(row).filter((column) => ![...identity, 'event_key', 'received_at'].includes(column));
  return ['event_key', 'received_at', ...others];
}

/**
 * A statement that saves the rows of $1, a JSON array. Of all events about the same thing the latest wins, in any order of
 * saving: the later receivedAt, and of equal times the greater key. Saving an event again changes nothing.
 *
 * A row may fill some parts only: it has no key in the others. Rows are written in the order of the primary key, so that
 * concurrent calls cannot deadlock.
 *
 * @param identity the primary key: the subject of the rows
 */
export function lastWrite(table: string, identity: readonly string[], parts: readonly Part[]): string {
  const about = identity.join(', ');
  const columns = parts.flatMap((part) => part.columns);
  return `
with given as (
  select * from jsonb_populate_recordset(null::${table}, $1)
), ${parts.map((part, index) => `part_${index} as (${latest(part, about)})`).join(', ')}
insert into ${table} (${about}, ${columns.join(', ')})
select ${about}, ${columns.join(', ')}
from ${parts.map((_, index) => (index === 0 ? 'part_0' : `full join part_${index} using (${about})`)).join(' ')}
order by ${about}
on conflict (${about}) do update set
  ${parts.flatMap((part) => part.columns.map((column) => choose(table, part, column))).join(',\n  ')}
where ${parts.map((part) => `(${isLater(table, part)})`).join(' or ')}`;
}

/** Of the given rows about one thing, the latest. */
function latest({ columns, preferred }: Part, about: string): string {
  const [key, receivedAt] = columns;
  return `
  select distinct on (${about}) ${about}, ${columns.join(', ')}
  from given
  where ${key} is not null
  order by ${about},${preferred ? ` ${preferred} is not null desc,` : ''} ${receivedAt} desc, ${key} collate "C" desc
`;
}

function choose(table: string, part: Part, column: string): string {
  return `${column} = case when ${isLater(table, part)} then excluded.${column} else ${table}.${column} end`;
}

function isLater(table: string, { columns: [key, receivedAt], preferred }: Part): string {
  const rank = (row: string) =>
    `(${preferred ? `${row}.${preferred} is not null, ` : ''}${row}.${receivedAt}, ${row}.${key} collate "C")`;
  return `excluded.${key} is not null and (${table}.${key} is null or ${rank('excluded')} > ${rank(table)})`;
}
