import type { Logger } from 'pino';

const HOUR_MS = 3_600_000;

/** Says once an hour, for each cluster that owns deliveries and that this worker does not know, what to do about it. */
export function createForeignWarning(log: Logger): (clusters: readonly string[]) => void {
  const saidAt = new Map<string, number>();
  return (clusters) => {
    for (const cluster of clusters) {
      if (performance.now() - (saidAt.get(cluster) ?? -Infinity) < HOUR_MS) continue;
      saidAt.set(cluster, performance.now());
      log.warn(
        { cluster },
        'deliveries belong to a cluster that this worker does not know, and no sweep takes them over: give the workers its name and ' +
          'address (TEMPORAL_STANDBY_CLUSTER_NAME, TEMPORAL_STANDBY_ADDRESS), for one that is gone for good an address at which ' +
          'no server answers, such as 127.0.0.1:1',
      );
    }
  };
}
