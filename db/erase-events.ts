import { LOCK_ROWS, OF_EVENTS, OF_TABLES, type ErasedRows } from './erased-tables';
import { LOCK_IN_ORDER } from './fragments';
import { asValue } from './list-refused';
import type { Tx } from './tx';

/** Events of one person at a site, or all of the site. */
export interface ErasedPart {
  readonly siteId: string;
  /** Hashes of the person's ids; null = all events of the site. */
  readonly hashes: readonly string[] | null;
}

export interface EventToErase {
  readonly key: string;
  readonly type: string;
  readonly data: unknown;
}

/**
 * Events of the part that are still recorded, at most `limit`; those of a person in order of key.
 *
 * @param after only a person's events behind this key
 */
export async function findEventsToErase(
  tx: Tx,
  { siteId, hashes }: ErasedPart,
  limit: number,
  after = '',
): Promise<EventToErase[]> {
  const values = hashes === null ? [siteId, limit] : [siteId, limit, hashes, after];
  return (await tx.query<EventToErase>(hashes === null ? ALL_OF_SITE : SOME_OF_SITE, values)).rows;
}

const ALL_OF_SITE = 'select key, type, data from event where site_id = $1 order by received_at limit $2';
// Apart, so that the order does not lead the planner through all events by key.
const SOME_OF_SITE = `
with named as materialized (select key from event where site_id = $1 and ids && $3::uuid[])
select e.key, e.type, e.data from event e join (select key from named where key > $4 order by key limit $2) s on s.key = e.key order by e.key`;

export interface EraseScope {
  /** Id of the erasure. */
  readonly erasure: string;
  readonly siteId: string;
  /** Names of all clusters. */
  readonly clusters: readonly string[];
  /** True = eraseOfSite removes the rows of the tables later. Default false. */
  readonly isWholeSite?: boolean;
}

/** The result of one batch of events; counts are of rows. */
export interface ErasedBatch {
  readonly rows: Readonly<Record<string, number>>;
  /** Records at destinations, which the site has to delete there. */
  readonly left: readonly { readonly consumer: string; readonly connectionId: string; readonly ids: unknown }[];
}

/**
 * Removes events with all rows that they have made, and remembers their keys, so that no workflow and no journal brings them back.
 * Their workflows, also those of their batches, are noted for each cluster: the sweep deletes them.
 *
 * @param tx a transaction
 * @param clusters all that there are
 */
export async function eraseEvents(
  tx: Tx,
  keys: readonly string[],
  { erasure, clusters, isWholeSite = false }: EraseScope,
): Promise<ErasedBatch> {
  await tx.query(LOCK_EVENTS, [keys]);
  await tx.query(LOCK_DELIVERIES, [keys]);
  const { rows: left } = await tx.query<ErasedBatch['left'][number]>(LEFT, [keys]);
  await tx.query(REMEMBER, [keys, erasure]);
  await tx.query(NOTE_WORKFLOWS, [keys, erasure, clusters]);
  if (!isWholeSite) for (const statement of LOCK_ROWS) await tx.query(statement, [keys]);
  return { rows: await eraseRows(tx, isWholeSite ? OF_EVENTS : [...OF_EVENTS, ...OF_TABLES], keys), left };
}

async function eraseRows(tx: Tx, all: readonly ErasedRows[], keys: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const rows of all) {
    const { rowCount } = await tx.query(statementOf(rows), [keys]);
    if (rowCount) counts[rows.table] = (counts[rows.table] ?? 0) + rowCount;
  }
  return counts;
}

const statementOf = ({ table, where, update }: ErasedRows): string =>
  update === undefined ? `delete from ${table} t where ${where}` : `update ${table} t set ${update} where ${where}`;

// In the order of retention and of attempts, so that none waits for the other for ever; rows that an attempt writes meanwhile are seen then.
const LOCK_EVENTS = 'select from event where key = any ($1::text[]) order by key collate "C" for update';
const LOCK_DELIVERIES = `select from delivery d where d.event_key = any ($1::text[]) ${LOCK_IN_ORDER}`;

const LEFT = `
select consumer, connection_id as "connectionId",
  coalesce(receipt -> 'ids', receipt -> 'messageIds', jsonb_build_object('webhook-id of', event_key)) as ids
from delivery where event_key = any ($1::text[]) and state = 'delivered' and connection_id is not null
and receipt -> 'skipped' is null order by event_key, label`;

const REMEMBER = `
insert into erased_event (key, erasure) select key, $2::uuid from unnest($1::text[]) as key order by key
on conflict (key) do nothing`;

const NOTE_WORKFLOWS = `
insert into erased_workflow (cluster, workflow_id, erasure)
select cluster, id, $2::uuid from (
  select key as id from unnest($1::text[]) as key
  union select workflow_id from event where key = any ($1::text[])
  union select owner_workflow_id from delivery where event_key = any ($1::text[])
  union select workflow_id from refused_event where key = any ($1::text[])
) w, unnest($3::text[]) as cluster order by 1, 2
on conflict (cluster, workflow_id, erasure) do nothing`;

interface RefusedPart {
  readonly siteId: string;
  /** A value in them, or their key; null = all of the site. */
  readonly text: string | null;
  readonly isKey: boolean;
}

const IS_REFUSED = `
  case when $3::text is not null then key = $3
       when $2::text is not null then (site_id = $1 or site_id is null) and convert_from(raw, 'UTF8') ~* $2
       else site_id = $1 end`;

const valuesOf = ({ siteId, text, isKey }: RefusedPart): unknown[] => [
  siteId,
  text === null || isKey ? null : asValue(text),
  isKey ? text : null,
];

/** How many eraseRefused would remove, and the erasure of the events of these keys. */
export async function countRefused(tx: Tx, part: RefusedPart, keys: readonly string[]): Promise<number> {
  const statement = `select count(*) as n from refused_event where ${IS_REFUSED} or key = any ($4::text[])`;
  return (await tx.query<{ n: number }>(statement, [...valuesOf(part), keys])).rows[0]?.n ?? 0;
}

/**
 * Removes refused inputs: by key, by a value in them, or all of the site. An input whose site cannot be read is searched, too.
 *
 * @returns how many
 */
export async function eraseRefused(tx: Tx, { erasure, clusters, ...part }: EraseScope & RefusedPart): Promise<number> {
  const values = [...valuesOf(part), erasure, clusters];
  return (await tx.query<{ n: number }>(ERASE_REFUSED, values)).rows[0]?.n ?? 0;
}

const ERASE_REFUSED = `
with gone as (
  delete from refused_event
  where ${IS_REFUSED}
  returning workflow_id, key
), noted as (
  insert into erased_workflow (cluster, workflow_id, erasure)
  select distinct cluster, id, $4::uuid from gone, lateral (values (workflow_id), (key)) as w (id), unnest($5::text[]) as cluster
  where id is not null
  on conflict (cluster, workflow_id, erasure) do nothing
), remembered as (
  insert into erased_event (key, erasure)
  select distinct key, $4::uuid from gone where key is not null and not exists (select from event e where e.key = gone.key)
  on conflict (key) do nothing
)
select count(*) as n from gone`;

/** Removes some of the rows that are left in a table of a site once its events are gone. @returns how many */
export async function eraseOfSite(tx: Tx, table: string, siteId: string, limit: number): Promise<number> {
  const statement = `delete from ${table} where ctid = any (array(select ctid from ${table} where site_id = $1 limit $2))`;
  return (await tx.query(statement, [siteId, limit])).rowCount ?? 0;
}
