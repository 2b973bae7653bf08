import { noteRuns } from './abandoned-runs';
import { LOCK_IN_ORDER, stateOf } from './fragments';
import type { Owner } from './owner';
import type { Tx } from './tx';

/** A delivery that was taken from a lost cluster lately stays: clusters that go down by turns would swap it for ever. */
export const MAY_GO = `(d.kept_until is null or d.kept_until <= now())`;

/**
 * Makes the event's own workflow on `cluster` the owner of the unfinished deliveries of `key` that the run `from` owned, which is
 * closed or unknown.
 *
 * @returns how many deliveries; 0 = another sweep was faster
 */
export async function takeOver(tx: Tx, key: string, from: Owner, cluster: string): Promise<number> {
  return (await tx.query(TAKE_OVER, [key, from.cluster, from.workflowId, cluster])).rowCount ?? 0;
}

/** Who is to own the deliveries of several events. */
export interface NewOwner {
  readonly cluster: string;
  /** Null: the event's own workflow, for each event. */
  readonly workflowId: string | null;
}

/**
 * Gives the unfinished deliveries of events that the `lost` clusters own to a new owner. The runs there may be open: they are noted,
 * to be signalled later. A delivery is not taken in this way again for two minutes, twice as long each time, an hour at most.
 *
 * @returns the events of which something was taken, and how often one of their deliveries was taken in this way lately
 */
export async function takeOverLost(
  tx: Tx,
  keys: readonly string[],
  lost: readonly string[],
  { cluster, workflowId }: NewOwner,
): Promise<{ key: string; times: number }[]> {
  return (await tx.query<{ key: string; times: number }>(TAKE_OVER_LOST, [keys, lost, cluster, workflowId])).rows;
}

/** Pending deliveries that `cluster` took over lately and that are under way, or could be; at most `most`. */
export async function countTakenOver(tx: Tx, cluster: string, most: number): Promise<number> {
  return (await tx.query<{ count: number }>(COUNT_TAKEN_OVER, [cluster, most])).rows[0]?.count ?? 0;
}

const TAKE_OVER = `
with chosen as (
  select id from delivery d
  where event_key = $1 and owner_cluster = $2 and owner_workflow_id = $3 and ${stateOf('d')} in ('pending', 'parked')
  ${LOCK_IN_ORDER}
)
update delivery d set owner_cluster = $4, owner_workflow_id = d.event_key from chosen where d.id = chosen.id`;

/** How often it was taken over; counted anew after a day without. */
const TIMES = `case when d.kept_until > now() - interval '1 day' then d.take_overs + 1 else 1 end`;

const TAKE_OVER_LOST = `
with chosen as (
  select id, owner_cluster, owner_workflow_id from delivery d
  where event_key = any($1::text[]) and owner_cluster = any($2::text[]) and ${stateOf('d')} in ('pending', 'parked') and ${MAY_GO}
  ${LOCK_IN_ORDER}
), ${noteRuns('select distinct owner_cluster, owner_workflow_id from chosen order by 1, 2')}, taken as (
  update delivery d set owner_cluster = $3, owner_workflow_id = coalesce($4, d.event_key), take_overs = ${TIMES},
    kept_until = now() + least(3600, 60 * 2 ^ least(10, ${TIMES})) * interval '1 second'
  from chosen where d.id = chosen.id returning d.event_key, d.take_overs
)
select event_key as key, max(take_overs) as times from taken group by 1 order by 1`;

const COUNT_TAKEN_OVER = `
select count(*) as count from (
  select from delivery d
  where d.owner_cluster = $1 and d.kept_until > now() and d.kept_until is not null and d.state = 'pending' and d.due_at <= now()
  limit $2) under_way`;
