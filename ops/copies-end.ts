import type { Ops, OpsCluster } from './open-ops';

/** A batch that is open closes within two hours (workflows/activity-options.ts). */
const BATCH_HOURS = 2;

/** When the retention of each cluster has deleted all that is closed or in a batch now, ISO, by its name; null = it does not answer. */
export async function readCopiesEnd(ops: Ops): Promise<Record<string, string | null>> {
  const ends = (await ops.clusters()).map(async (cluster) => [cluster.name, await endOn(cluster)] as const);
  return Object.fromEntries(await Promise.all(ends));
}

async function endOn({ namespace, connection, ask }: OpsCluster): Promise<string | null> {
  const answer = await ask(() => connection.workflowService.describeNamespace({ namespace })).catch(() => undefined);
  const seconds = Number(answer?.config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  return seconds === 0 ? null : new Date(Date.now() + 1_000 * (seconds + BATCH_HOURS * 3_600)).toISOString();
}
