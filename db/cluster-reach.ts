import type { Tx } from './tx';

/** The report of one worker about one cluster. */
export interface ReachReport {
  readonly cluster: string;
  readonly reached: boolean;
}

/**
 * Reports which clusters a worker reaches. One worker that reaches a cluster is enough. A row that no worker has reported on for a
 * day is removed.
 */
export async function reportReach(tx: Tx, reports: readonly ReachReport[]): Promise<void> {
  const sorted = [...reports].sort((a, b) => (a.cluster < b.cluster ? -1 : 1)); // workers take the rows in one order
  await tx.query(REPORT, [sorted.map(({ cluster }) => cluster), sorted.map(({ reached }) => reached)]);
}

/** Those of the named clusters that no live worker has reached for so many seconds, by the database's clock. */
export async function findLostClusters(tx: Tx, names: readonly string[], seconds: number): Promise<string[]> {
  return (await tx.query<{ cluster: string }>(FIND_LOST, [names, seconds])).rows.map(({ cluster }) => cluster);
}

/** Reports that come less often prove nothing, as in an outage of the database: after it the time counts anew. */
const UNBROKEN = `c.reported_at > now() - interval '15 seconds'`;

const REPORT = `
with old as (
  delete from cluster_reach c where c.reported_at < now() - interval '1 day' and not c.cluster = any($1::text[])
)
insert into cluster_reach as c (cluster, reported_at, out_since)
select cluster, now(), case when not reached then now() end
from unnest($1::text[], $2::boolean[]) with ordinality as r(cluster, reached, n) order by n
on conflict (cluster) do update set reported_at = excluded.reported_at,
  out_since = case when excluded.out_since is null then null when ${UNBROKEN} then coalesce(c.out_since, now()) else now() end`;

const FIND_LOST = `
select c.cluster from cluster_reach c
where c.cluster = any($1::text[]) and ${UNBROKEN} and c.out_since <= now() - $2::float8 * interval '1 second' order by 1`;
