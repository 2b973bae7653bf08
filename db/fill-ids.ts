import type { Tx } from './tx';

/** A recorded event that cannot be found by its ids yet. */
export interface EventWithoutIds {
  readonly key: string;
  readonly type: string;
  readonly data: unknown;
}

/** Events that were recorded without hashes of their ids, by an older release or a worker without SECRETS_KEY. */
export async function findWithoutIds(
  tx: Tx,
  { siteId }: { readonly siteId?: string },
  limit: number,
): Promise<EventWithoutIds[]> {
  return (await tx.query<EventWithoutIds>(FIND, [siteId ?? null, limit])).rows;
}

export interface FilledIds {
  readonly key: string;
  readonly ids: readonly string[];
}

/** @returns how many events got theirs; one that another process is filling in at this moment does not count */
export async function fillIds(tx: Tx, filled: readonly FilledIds[]): Promise<number> {
  return (await tx.query(FILL, [JSON.stringify(filled), filled.map(({ key }) => key)])).rowCount ?? 0;
}

const FIND = `
select key, type, data from event
where ids is null and ($1::text is null or site_id = $1) order by key limit $2`;

const FILL = `
with free as (
  select key from event where key = any ($2::text[]) and ids is null order by key collate "C" for no key update skip locked
)
update event e
set ids = f.ids
from jsonb_to_recordset($1::jsonb) as f(key text, ids uuid[]), free
where e.key = f.key and free.key = f.key`;
