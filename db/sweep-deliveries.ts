import type { Owner } from './owner';
import type { WaitingEvent } from './placement';
import { inSeconds, LOCK_IN_ORDER, stateOf } from './fragments';
import type { Session, Tx } from './tx';
import { MAY_GO } from './take-over';
import { isWoken } from './wake-deliveries';

/** An event whose deliveries may have no open run, and the run that owns them. */
export interface LeftAlone extends WaitingEvent {
  readonly siteId: string;
  readonly owner: Owner;
  /** Due for more than ten minutes, woken, or parked for one or two looks: the sweep signals an open run to look. */
  readonly late: boolean;
  /** One of them is parked. */
  readonly parked: boolean;
  /** The earliest time at which the sweep was to look at one of them. */
  readonly lookAt: Date;
}

/** Names of clusters, by their condition. */
export interface ClaimFrom {
  /** Of these clusters, pending deliveries that are overdue, and parked ones an hour after the last look. */
  readonly usable: readonly string[];
  /** Of these clusters, all unfinished deliveries that hold a run open. */
  readonly givenUp: readonly string[];
}

/**
 * Claims deliveries for one look of the sweep, at most `limit`: each cluster and site in turn, its earliest first. The time until
 * the next look grows with each look.
 */
export async function claimLeftAlone(
  session: Session,
  { usable, givenUp }: ClaimFrom,
  limit: number,
): Promise<LeftAlone[]> {
  const values = [usable, givenUp, limit, session.overdueAfterSeconds];
  const { rows } = await session.query<Omit<LeftAlone, 'owner'> & Owner>(CLAIM_LEFT_ALONE, values);
  return rows.map(({ cluster, workflowId, ...rest }) => ({ ...rest, owner: { cluster, workflowId } }));
}

/**
 * For an open run of which one delivery was claimed: its other deliveries of the same times and sites are looked at together with
 * that delivery next time, so that the hundreds of one batch, which have one time, count as one claim.
 */
export async function lookLater(
  session: Session,
  owner: Owner,
  times: readonly Date[],
  sites: readonly string[],
): Promise<void> {
  const { cluster, workflowId } = owner;
  await session.query(LOOK_LATER, [cluster, workflowId, times, session.overdueAfterSeconds, sites]);
}

/** For claimed deliveries that the sweep did not come to: the claim does not count as a look. */
export async function lookAgain(session: Session, keys: readonly string[]): Promise<void> {
  await session.query(LOOK_AGAIN, [keys, session.overdueAfterSeconds]);
}

/** Clusters that own unfinished deliveries and are not among `known`. */
export async function findForeignOwners(tx: Tx, known: readonly string[]): Promise<string[]> {
  return (await tx.query<{ name: string }>(FIND_FOREIGN_OWNERS, [known])).rows.map(({ name }) => name);
}

/** As the index by cluster of the owner and time of the next look says it. */
const UNFINISHED = `d.state in ('pending', 'parked')`;

/** Looks at which the run of a parked delivery is told to look, too. Later it knows: a hundred thousand runs told each hour keep a core busy. */
const TOLD_OF_PARKED = 2;

/** The time of the next look. */
const nextLook = (overdueAfterSeconds: string): string => `
    now() + case when d.state = 'parked' then interval '1 hour'
                 else least(3600, ${overdueAfterSeconds}::float8 * 2 ^ least(d.looks, 10)) * interval '1 second' end`;

/**
 * Looks into the index once for each site of a cluster with unfinished deliveries, and then for the rows that it takes: sites take
 * turns, so that a site with many does not delay the others. A single site may have the whole limit.
 */
const CLAIM_LEFT_ALONE = `
with recursive cluster as (
  select name, now() as until from unnest($1::text[]) as c(name)
  union all
  select name, 'infinity' as until from unnest($2::text[]) as c(name)
), place as (
  select c.name as cluster, c.until, first.site_id from cluster c cross join lateral (
    select d.site_id from delivery d where ${UNFINISHED} and d.owner_cluster = c.name order by d.site_id limit 1) first
  union all
  select p.cluster, p.until, next.site_id from place p cross join lateral (
    select d.site_id from delivery d where ${UNFINISHED} and d.owner_cluster = p.cluster and d.site_id > p.site_id
    order by d.site_id limit 1) next
), waiting as (
  select p.* from place p cross join lateral (
    select from delivery d where ${UNFINISHED} and d.owner_cluster = p.cluster and d.site_id = p.site_id and d.look_at < p.until
    order by d.look_at limit 1) one
), share as (
  select greatest(1, 4 * $3::int / greatest(1, count(*))) as rows from waiting
), candidate as (
  select w.* from waiting p cross join lateral (
    select d.id, d.look_at, row_number() over (order by d.look_at) as turn from (
      select id, look_at from delivery d
      where ${UNFINISHED} and d.owner_cluster = p.cluster and d.site_id = p.site_id and d.look_at < p.until
        and (p.until < 'infinity' or ${MAY_GO})
      order by d.look_at limit (select rows from share)) d) w
), chosen as (
  select d.id, d.look_at from delivery d join (select id from candidate order by turn, look_at limit $3) next on next.id = d.id
  where ${stateOf('d')} in ('pending', 'parked') and (d.look_at <= now() or d.owner_cluster = any($2::text[]) and ${MAY_GO})
  for update of d skip locked
), seen as (
  update delivery d set looks = d.looks + 1,
    look_at = ${nextLook('$4')}
  from chosen where d.id = chosen.id
  returning d.event_key, d.owner_cluster, d.owner_workflow_id, chosen.look_at, d.state = 'parked' as parked,
            case when d.state = 'parked' then d.looks <= ${TOLD_OF_PARKED}
                 else d.due_at < now() - interval '10 minutes' or ${isWoken} end as late
)
select e.key, e.site_id as "siteId", e.content_hash as "contentHash", s.owner_cluster as cluster, s.owner_workflow_id as "workflowId",
       bool_or(s.late) as late, bool_or(s.parked) as parked, min(s.look_at) as "lookAt"
from seen s join event e on e.key = s.event_key
group by e.key, s.owner_cluster, s.owner_workflow_id order by e.key`;

const LOOK_LATER = `
with chosen as (
  select d.id from delivery d
  where ${UNFINISHED} and d.owner_cluster = $1 and d.site_id = any($5::text[]) and d.owner_workflow_id = $2
    and d.look_at = any($3::timestamptz[])
  for update skip locked
)
update delivery d set looks = d.looks + 1, look_at = ${nextLook('$4')} from chosen where d.id = chosen.id`;

const LOOK_AGAIN = `
with chosen as (
  select d.id from delivery d
  where d.event_key = any($1::text[]) and ${stateOf('d')} in ('pending', 'parked') and d.look_at < 'infinity'
  ${LOCK_IN_ORDER}
)
update delivery d set looks = greatest(0, d.looks - 1), look_at = ${inSeconds('$2')}
from chosen where d.id = chosen.id`;

/** Looks into the index once for each name. */
const FIND_FOREIGN_OWNERS = `
with recursive cluster as (
  (select d.owner_cluster as name from delivery d where ${UNFINISHED} order by 1 limit 1)
  union all
  select next.name from cluster c cross join lateral (
    select d.owner_cluster as name from delivery d where ${UNFINISHED} and d.owner_cluster > c.name order by 1 limit 1) next
)
select name from cluster where not name = any($1::text[]) order by name`;
