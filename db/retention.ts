import type { Tx } from './tx';

/** How many days the data of something is kept. */
export interface RetentionRule {
  /** An event type, `*` for each type without a rule of its own, `refused` for refused events, `tombstones`. */
  readonly what: string;
  readonly days: number;
  /** The rows of the tables that the events have filled go with their data. */
  readonly tables: boolean;
}

/** Days that a tombstone is kept where no rule says so: for so long a late repeat of an event is known as one. */
const TOMBSTONE_DAYS = 400;

export async function listRetention(tx: Tx): Promise<RetentionRule[]> {
  return (await tx.query<RetentionRule>('select what, days, tables from retention order by what')).rows;
}

/** The same, with the rule of tombstones, which holds by default. */
export async function readRetention(tx: Tx): Promise<RetentionRule[]> {
  return [{ what: 'tombstones', days: TOMBSTONE_DAYS, tables: false }, ...(await listRetention(tx))];
}

export async function setRetention(tx: Tx, { what, days, tables }: RetentionRule): Promise<void> {
  await tx.query(SET, [what, days, tables]);
}

/** @returns false: there was no such rule */
export async function removeRetention(tx: Tx, what: string): Promise<boolean> {
  return ((await tx.query('delete from retention where what = $1', [what])).rowCount ?? 0) > 0;
}

const SET = `
insert into retention (what, days, tables) values ($1, $2, $3)
on conflict (what) do update set days = excluded.days, tables = excluded.tables`;
