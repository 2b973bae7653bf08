import type { Tx } from '../../db/tx';

export interface AddedJob {
  readonly task: string;
  readonly payload: unknown;
  /** Refused while a job with the same key waits; null: never. */
  readonly key: string | null;
}

/** Adds jobs of graphile-worker in one statement: all or none. */
export async function addJobs(tx: Tx, jobs: readonly AddedJob[]): Promise<void> {
  await tx.query(ADD, [JSON.stringify(jobs)]);
}

const ADD = `
select count(*) from graphile_worker.add_jobs(array(
  select (job ->> 'task', (job -> 'payload')::json, null, null, null, job ->> 'key', null, null)::graphile_worker.job_spec
  from json_array_elements($1::json) job
))`;
