import { LOCK_IN_ORDER, stateOf } from './fragments';
import type { Tx } from './tx';

/** A place in the order of an event type's events, by when they were recorded. */
export interface PrunePlace {
  /** ISO. */
  readonly recordedAt: string;
  readonly key: string;
}

export interface PrunedPage {
  /** Keys of the events that were pruned. */
  readonly pruned: readonly string[];
  /** The last event that was looked at; null = there are no more. */
  readonly last: PrunePlace | null;
}

/**
 * Looks at the next events of a type, and deletes data, ids, attachments and deliveries of those that were recorded and settled so many
 * days ago. Of each a tombstone stays: its row, with the number of its deliveries that were delivered and discarded.
 *
 * @param limit events that are looked at: one that is not settled costs as much as one that is pruned
 */
export async function pruneEvents(
  tx: Tx,
  { type, days }: { readonly type: string; readonly days: number },
  after: PrunePlace | null,
  limit: number,
): Promise<PrunedPage> {
  const { recordedAt, key } = after ?? { recordedAt: '1970-01-01T00:00:00Z', key: '' };
  const { rows } = await tx.query<PrunedPage>(PRUNE_EVENTS, [type, days, recordedAt, key, limit]);
  const [page] = rows;
  if (page === undefined) throw new Error('PostgreSQL gave no row.');
  return page;
}

/** Deletes the oldest events that were refused so many days ago. @returns how many */
export async function pruneRefused(tx: Tx, days: number, limit: number): Promise<number> {
  return (await tx.query(PRUNE_REFUSED, [days, limit])).rowCount ?? 0;
}

/** Deletes the oldest tombstones of events that were recorded so many days ago. @returns how many */
export async function pruneTombstones(tx: Tx, days: number, limit: number): Promise<number> {
  return (await tx.query(PRUNE_TOMBSTONES, [days, limit])).rowCount ?? 0;
}

const ago = (days: string): string => `now() - make_interval(days => ${days}::int)`;

const PRUNE_EVENTS = `
with page as materialized (
  select key, recorded_at from event
  where type = $1 and pruned_at is null and recorded_at < ${ago('$2')}
  and recorded_at >= $3::timestamptz and (recorded_at, key) > ($3::timestamptz, $4)
  order by recorded_at, key limit $5
), old as materialized (
  select e.key from event e join page on page.key = e.key
  where e.pruned_at is null and not exists (
    select from delivery d where d.event_key = e.key
    and (${stateOf('d')} not in ('delivered', 'discarded') or d.settled_at > ${ago('$2')}))
  order by e.key collate "C" for update of e skip locked
), settled as materialized (
  select d.id, d.event_key, d.state from old join delivery d on d.event_key = old.key ${LOCK_IN_ORDER}
), counted as (
  select event_key, count(*) filter (where state = 'delivered') as delivered, count(*) filter (where state = 'discarded') as discarded
  from settled group by 1
), deleted as (
  delete from delivery d using settled where d.id = settled.id
), emptied as (
  delete from attachment a using old where a.event_key = old.key
), pruned as (
  update event e set data = '{}', ids = '{}', pruned_at = now(), delivered_count = coalesce(c.delivered, 0), discarded_count = coalesce(c.discarded, 0)
  from old left join counted c on c.event_key = old.key where e.key = old.key
  returning e.key
)
select (select coalesce(array_agg(key), '{}') from pruned) as pruned,
  (select jsonb_build_object('recordedAt', recorded_at, 'key', key) from page order by recorded_at desc, key desc limit 1) as last`;

const PRUNE_REFUSED = `
delete from refused_event where id in (
  select id from refused_event where refused_at < ${ago('$1')} order by refused_at limit $2 for update skip locked)`;

const PRUNE_TOMBSTONES = `
delete from event where key in (
  select key from event where pruned_at is not null and recorded_at < ${ago('$1')} order by recorded_at limit $2
  for update skip locked)`;
