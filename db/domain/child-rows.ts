import type { Tx } from '../tx';
import type { Row } from './event-row';
import { insertOnce } from './insert-once';

/** A row that stands for the latest event, with rows of its own in other tables. */
export type Winner<Identity extends string> = Readonly<Record<Identity | 'event_key', string>> & {
  /** An earlier event's row was replaced, so that there may be rows of that event. */
  readonly replaced: boolean;
};

/** What a statement of `lastWrite` has to return so that child rows can follow. */
export function returningWinners(table: string, identity: readonly string[]): string {
  return `returning ${identity.join(', ')}, event_key, ${table}.xmax <> 0 as replaced`;
}

/**
 * The lists inside an event, one table each: rows known by event and position, that belong to a row which stands for
 * the latest event about the same thing. `save` takes the rows of any events, keeps those of the winners, and removes
 * what an earlier event left.
 */
export function childRows<const Columns extends readonly string[], const Identity extends string>(
  table: string,
  identity: readonly Identity[],
  columns: Columns,
) {
  const same = identity.map((column) => `child.${column} = winner.${column}`).join(' and ');
  const statement = `
with stale as (
  delete from ${table} as child
  using jsonb_to_recordset($2) as winner(${identity.map((column) => `${column} text`).join(', ')}, event_key text)
  where ${same} and child.event_key <> winner.event_key
)${insertOnce(table, columns)}`;
  return {
    async save(tx: Tx, winners: readonly Winner<Identity>[], rows: readonly Row<Columns>[]): Promise<void> {
      const keys = new Set<unknown>(winners.map((winner) => winner.event_key));
      // Every table of children has an event_key; the compiler cannot see that in a generic list of columns.
      const standing = rows.filter((row) => keys.has((row as Row<['event_key']>).event_key));
      const replacing = winners.filter(({ replaced }) => replaced);
      if (standing.length > 0 || replacing.length > 0) {
        await tx.query(statement, [JSON.stringify(standing), JSON.stringify(replacing)]);
      }
    },
  };
}
