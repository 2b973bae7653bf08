import type { Owner } from './insert-events';
import type { Tx } from './tx';

/** Runs on these clusters that lost deliveries to another owner, and have not been told; at most `limit`. */
export async function findAbandonedRuns(tx: Tx, clusters: readonly string[], limit: number): Promise<Owner[]> {
  return (await tx.query<Owner>(FIND, [clusters, limit])).rows;
}

/** They have been told, or are closed. */
export async function forgetAbandonedRuns(tx: Tx, runs: readonly Owner[]): Promise<void> {
  await tx.query(FORGET, [runs.map(({ cluster }) => cluster), runs.map(({ workflowId }) => workflowId)]);
}

/**
 * Part of a statement that gives the parked rows of `chosen` to their events' own workflows: notes the runs that had them, and
 * may be open with them. What is paused holds no run open.
 *
 * @param here and `usable`: the parameters of a Placement
 */
export const noteReplaced = (here: string, usable: string): string => `noted as (
  insert into abandoned_run (cluster, workflow_id)
  select distinct owner_cluster, owner_workflow_id from chosen
  where failure_type <> 'Paused' and (owner_workflow_id <> event_key or not owner_cluster = any(${usable}::text[] || ${here}::text))
  order by 1, 2
  on conflict do nothing
)`;

const FIND = `
select cluster, workflow_id as "workflowId" from abandoned_run where cluster = any($1::text[]) order by 1, 2 limit $2`;

const FORGET = `
delete from abandoned_run
where (cluster, workflow_id) in (select * from unnest($1::text[], $2::text[]))`;
