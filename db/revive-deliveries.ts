import { subscriptionState } from './fragments';
import { resumeOldest, type PlacedEvent, type Placement } from './placement';
import type { Session } from './tx';

/**
 * Makes deliveries pending again that were parked because of a paused subscription or a broken connection which is active again:
 * due now, no tries counted, owned by the event's own workflow. Only for `consumers`, the ones that this version has.
 * At most `limit` deliveries, in equal shares for each data queue of a site and each connection, the oldest first.
 *
 * @returns the events to continue
 */
export async function reviveDeliveries(
  session: Session,
  { here, usable }: Placement,
  consumers: readonly string[],
  limit: number,
): Promise<PlacedEvent[]> {
  const { rows } = await session.query<PlacedEvent>(REVIVE, [
    here,
    limit,
    session.overdueAfterSeconds,
    consumers,
    usable,
  ]);
  return rows;
}

/** As the two partial indices say it. */
const PAUSED = `d.state = 'parked' and d.failure_type = 'Paused'`;
const BROKEN = `d.state = 'parked' and d.failure_type = 'ConnectionBroken'`;

/**
 * Looks once into an index for each place where something waits, and then for as many rows as it takes, so that a backlog of
 * millions costs no more than a small one. Places that may go on share the round.
 */
const REVIVE = `
with recursive place as (
  (select d.data_queue, d.site_id from delivery d where ${PAUSED} order by 1, 2 limit 1)
  union all
  select next.data_queue, next.site_id from place p cross join lateral (
    select d.data_queue, d.site_id from delivery d
    where ${PAUSED} and (d.data_queue, d.site_id) > (p.data_queue, p.site_id) order by 1, 2 limit 1) next
), account as (
  (select d.connection_id from delivery d where ${BROKEN} and d.connection_id is not null order by 1 limit 1)
  union all
  select next.connection_id from account a cross join lateral (
    select d.connection_id from delivery d where ${BROKEN} and d.connection_id > a.connection_id order by 1 limit 1) next
), free as (
  select p.data_queue, p.site_id from place p
  where coalesce(${subscriptionState('p.data_queue', 'p.site_id')}, 'active') = 'active'
), mended as (
  select a.connection_id from account a join connection c on c.id = a.connection_id where c.state = 'ok'
), share as (
  select greatest(1, $2::int / greatest(1, (select count(*) from free) + (select count(*) from mended))) as rows
), waiting as (
  select w.id, w.created_at from free f cross join lateral (
    select d.id, d.created_at from delivery d
    where ${PAUSED} and d.data_queue = f.data_queue and d.site_id = f.site_id and d.consumer = any($4::text[])
    order by d.created_at, d.id limit (select rows from share)) w
  union all
  select w.id, w.created_at from mended m cross join lateral (
    select d.id, d.created_at from delivery d
    where ${BROKEN} and d.connection_id = m.connection_id and d.consumer = any($4::text[])
    order by d.created_at, d.id limit (select rows from share)) w
), oldest as (
  select id from waiting order by created_at, id limit $2
), ${resumeOldest({ here: '$1', usable: '$5', overdueAfterSeconds: '$3' })}
select distinct e.key, e.content_hash as "contentHash", r.owner_cluster as cluster
from resumed r join event e on e.key = r.event_key order by e.key`;
