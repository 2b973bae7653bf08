import type { Owner } from './insert-events';
import type { Tx } from './tx';

/** An event with deliveries that wait for a run. */
export interface WaitingEvent {
  readonly key: string;
  readonly contentHash: string;
}

/** An event with deliveries that may have been left alone, and who should be working on them. */
export interface LeftAlone extends WaitingEvent {
  readonly owner: Owner;
  /** Due for more than ten minutes, or parked: an open run is told to look. */
  readonly late: boolean;
}

/**
 * Makes pending again what is parked because its subscription was paused or its connection broken, and no longer is: due
 * now, no tries counted, owned by the event's own workflow on `cluster`. Only for `consumers`, those that this version has.
 * At most `limit` deliveries: of each data queue of a site, or connection, the oldest, and of each as many.
 *
 * @returns the events to continue
 */
export async function reviveDeliveries(
  tx: Tx,
  cluster: string,
  consumers: readonly string[],
  limit: number,
  overdueAfterSeconds: number,
): Promise<WaitingEvent[]> {
  const { rows } = await tx.query<WaitingEvent>(REVIVE, [cluster, limit, overdueAfterSeconds, consumers]);
  return rows;
}

/**
 * Claims deliveries of `cluster` that nobody has touched for too long (pending and overdue, or parked for an hour since the
 * last look) for one look: the next comes later each time. At most `limit` deliveries.
 */
export async function claimLeftAlone(
  tx: Tx,
  cluster: string,
  limit: number,
  overdueAfterSeconds: number,
): Promise<LeftAlone[]> {
  const { rows } = await tx.query<WaitingEvent & { workflowId: string; late: boolean }>(CLAIM_LEFT_ALONE, [
    cluster,
    limit,
    overdueAfterSeconds,
  ]);
  return rows.map(({ workflowId, ...rest }) => ({ ...rest, owner: { cluster, workflowId } }));
}

/**
 * Makes the event's own workflow on `cluster` the owner of the unfinished deliveries of `key` that `from` owned.
 *
 * @returns how many: 0 = somebody else was faster
 */
export async function takeOver(tx: Tx, key: string, from: Owner, cluster: string): Promise<number> {
  return (await tx.query(TAKE_OVER, [key, from.cluster, from.workflowId, cluster])).rowCount ?? 0;
}

/** Parked in this way, which an index is for. */
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
  where coalesce((select s.state from subscription s
                  where s.data_queue = p.data_queue and s.site_id in (p.site_id, '*')
                  order by s.site_id = '*' limit 1), 'active') = 'active'
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
), chosen as (
  select d.id from delivery d join oldest on oldest.id = d.id
  where d.state = 'parked'
  order by d.event_key collate "C", d.id for update of d skip locked
), revived as (
  update delivery d set state = 'pending', tries = 0, due_at = now(), settled_at = null, looks = 0,
    look_at = now() + $3::float8 * interval '1 second', owner_cluster = $1, owner_workflow_id = d.event_key
  from chosen where d.id = chosen.id
  returning d.event_key
)
select e.key, e.content_hash as "contentHash"
from event e where e.key in (select event_key from revived) order by e.key`;

const CLAIM_LEFT_ALONE = `
with chosen as (
  select id from delivery
  where state in ('pending', 'parked') and owner_cluster = $1 and look_at <= now()
  order by look_at limit $2 for update skip locked
), seen as (
  update delivery d set looks = d.looks + 1,
    look_at = now() + case when d.state = 'parked' then interval '1 hour'
                           else least(3600, $3::float8 * 2 ^ least(d.looks, 10)) * interval '1 second' end
  from chosen where d.id = chosen.id
  returning d.event_key, d.owner_workflow_id,
            d.state = 'parked' or d.due_at < now() - interval '10 minutes' as late
)
select e.key, e.content_hash as "contentHash", s.owner_workflow_id as "workflowId", bool_or(s.late) as late
from seen s join event e on e.key = s.event_key
group by e.key, s.owner_workflow_id order by e.key`;

const TAKE_OVER = `
with chosen as (
  select id from delivery
  where event_key = $1 and owner_cluster = $2 and owner_workflow_id = $3 and state in ('pending', 'parked')
  order by id for update
)
update delivery d set owner_cluster = $4, owner_workflow_id = d.event_key from chosen where d.id = chosen.id`;
