import type { Owner } from './insert-events';
import type { Tx } from './tx';

/** Runs on these clusters that lost deliveries to another owner, and have not been told; at most `limit`. */
export async function findAbandonedRuns(tx: Tx, clusters: readonly string[], limit: number): Promise<Owner[]> {
  return (await tx.query<Owner>(FIND, [clusters, limit])).rows;
}

/** Until the transaction ends, who notes it anew waits. */
export async function forgetAbandonedRun(tx: Tx, { cluster, workflowId }: Owner): Promise<void> {
  await tx.query('delete from abandoned_run where cluster = $1 and workflow_id = $2', [cluster, workflowId]);
}

/** Part of a statement: notes the runs that `select` names by cluster and workflow id. */
export const noteRuns = (select: string): string => `noted as (
  insert into abandoned_run (cluster, workflow_id) ${select}
  on conflict do nothing
)`;

const FIND = `
select cluster, workflow_id as "workflowId" from abandoned_run where cluster = any($1::text[]) order by 1, 2 limit $2`;
