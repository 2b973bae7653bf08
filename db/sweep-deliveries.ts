import type { Owner } from './insert-events';
import type { Tx } from './tx';

/** An event with deliveries that may have been left alone, and who should be working on them. */
export interface LeftAlone {
  readonly key: string;
  readonly owner: Owner;
  /** Due for more than ten minutes, or parked: an open run is told to look. */
  readonly late: boolean;
}

/**
 * Makes pending again what is parked because its subscription was paused or its connection broken, and no longer is: due
 * now, no tries counted, owned by the event's own workflow on `cluster`. Oldest first, at most `limit` deliveries.
 *
 * @returns keys of the events to continue
 */
export async function reviveDeliveries(
  tx: Tx,
  cluster: string,
  limit: number,
  overdueAfterSeconds: number,
): Promise<string[]> {
  const { rows } = await tx.query<{ key: string }>(REVIVE, [cluster, limit, overdueAfterSeconds]);
  return [...new Set(rows.map((row) => row.key))];
}

/**
 * Claims deliveries that nobody has touched for too long (pending and overdue, or parked for an hour since the last look)
 * for one look: the next comes later each time. At most `limit` deliveries.
 */
export async function claimLeftAlone(tx: Tx, limit: number, overdueAfterSeconds: number): Promise<LeftAlone[]> {
  const { rows } = await tx.query<{ key: string; cluster: string; workflowId: string; late: boolean }>(
    CLAIM_LEFT_ALONE,
    [limit, overdueAfterSeconds],
  );
  return rows.map(({ key, cluster, workflowId, late }) => ({ key, owner: { cluster, workflowId }, late }));
}

/**
 * Makes the event's own workflow on `cluster` the owner of the unfinished deliveries of `key` that `from` owned.
 *
 * @returns how many: 0 = somebody else was faster
 */
export async function takeOver(tx: Tx, key: string, from: Owner, cluster: string): Promise<number> {
  return (await tx.query(TAKE_OVER, [key, from.cluster, from.workflowId, cluster])).rowCount ?? 0;
}

const REVIVE = `
with free as (
  select d.id
  from subscription s
  join delivery d on d.data_queue = s.data_queue and (d.site_id = s.site_id or s.site_id = '*')
  where s.state = 'active' and d.state = 'parked' and d.failure_type = 'Paused'
    and not exists (select from subscription own
                    where s.site_id = '*' and own.data_queue = d.data_queue and own.site_id = d.site_id)
  union all
  select d.id
  from connection c
  join delivery d on d.connection_id = c.id
  where c.state = 'ok' and d.state = 'parked' and d.failure_type = 'ConnectionBroken'
), chosen as (
  select d.id from delivery d join free on free.id = d.id
  where d.state = 'parked'
  order by d.created_at, d.id limit $2 for update of d skip locked
)
update delivery d set state = 'pending', tries = 0, due_at = now(), settled_at = null, looks = 0,
  look_at = now() + $3::float8 * interval '1 second', owner_cluster = $1, owner_workflow_id = d.event_key
from chosen where d.id = chosen.id
returning d.event_key as key`;

const CLAIM_LEFT_ALONE = `
with chosen as (
  select id from delivery
  where state in ('pending', 'parked') and look_at <= now()
  order by look_at limit $1 for update skip locked
), seen as (
  update delivery d set looks = d.looks + 1,
    look_at = now() + case when d.state = 'parked' then interval '1 hour'
                           else least(3600, $2::float8 * 2 ^ least(d.looks, 10)) * interval '1 second' end
  from chosen where d.id = chosen.id
  returning d.event_key, d.owner_cluster, d.owner_workflow_id,
            d.state = 'parked' or d.due_at < now() - interval '10 minutes' as late
)
select event_key as key, owner_cluster as cluster, owner_workflow_id as "workflowId", bool_or(late) as late
from seen group by 1, 2, 3 order by 1`;

const TAKE_OVER = `
update delivery set owner_cluster = $4, owner_workflow_id = event_key
where event_key = $1 and owner_cluster = $2 and owner_workflow_id = $3 and state in ('pending', 'parked')`;
