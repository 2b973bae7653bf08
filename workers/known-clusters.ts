import { ClusterHealth } from '../client/cluster-health';
import { openCluster } from '../client/open-cluster';
import type { KnownCluster } from './cluster-runs';
import { toClusterOptions, type ClusterConfig } from './clusters';

/** How often a worker asks each cluster whether it is up. */
const PROBE_EVERY_MS = 3_000;

/**
 * Opens clusters for the calls of maintenance, beside the connections of their Workers. No server has to be up for that; each call has
 * a deadline. Each cluster is probed every few seconds.
 */
export function openKnownClusters(
  clusters: readonly ClusterConfig[],
  takeoverAfterMs: number,
): (KnownCluster & { close(): Promise<void> })[] {
  return clusters.map((config) => {
    const where = toClusterOptions(config);
    const cluster = openCluster(where);
    const health = new ClusterHealth(where, { takeoverAfterMs });
    health.watch(PROBE_EVERY_MS);
    return {
      name: where.name,
      client: cluster.client,
      health,
      close: async () => {
        await health.close();
        await cluster.close();
      },
    };
  });
}
