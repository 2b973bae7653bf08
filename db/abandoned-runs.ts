import type { Owner } from './owner';
import type { Tx } from './tx';

/** A run that has lost deliveries to another owner, and has not been signalled since. */
export interface AbandonedRun extends Owner {
  /** Changes each time that the run is noted. */
  readonly mark: string;
}

/** The abandoned runs on these clusters, at most `limit`. */
export async function findAbandonedRuns(tx: Tx, clusters: readonly string[], limit: number): Promise<AbandonedRun[]> {
  return (await tx.query<AbandonedRun>(FIND, [clusters, limit])).rows;
}

/** Removes a run that was signalled, unless it has been noted again since. */
export async function forgetAbandonedRun(tx: Tx, { cluster, workflowId, mark }: AbandonedRun): Promise<void> {
  await tx.query(FORGET, [cluster, workflowId, mark]);
}

/** Part of a statement: notes the runs that `select` returns as cluster and workflow id, each once, in this order. */
export const noteRuns = (select: string): string => `noted as (
  insert into abandoned_run (cluster, workflow_id) ${select}
  on conflict (cluster, workflow_id) do update set cluster = excluded.cluster
  returning cluster, workflow_id, ${MARK}
)`;

/** The transaction that wrote the row last: another one each time. */
const MARK = 'xmin::text as mark';

const FIND = `
select cluster, workflow_id as "workflowId", ${MARK} from abandoned_run where cluster = any($1::text[]) order by 1, 2 limit $2`;

const FORGET = 'delete from abandoned_run where cluster = $1 and workflow_id = $2 and xmin::text = $3';
