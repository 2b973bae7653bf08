import { ScheduleClient } from '@temporalio/client';
import { findSweepSchedule } from '../workers/sweep-schedule';
import { countWorkers } from './count-workers';
import { createRemedies } from './doctor/remedies';
import type { Ops, OpsCluster } from './open-ops';

const ANSWER_WITHIN_MS = 5_000;

/** A cluster for `ops status`. */
export interface ClusterState {
  readonly name: string;
  readonly address: string;
  /** Why it does not answer; null = it answers. */
  readonly problem: string | null;
  /** Workers that asked for work in the last minutes. */
  readonly workers: number;
  /** Null = there is none, or the cluster does not answer. `lastRun`: ISO. `unpause`: the command that starts it again. */
  readonly sweep: { readonly paused: boolean; readonly lastRun: string | null; readonly unpause: string } | null;
}

/** All clusters of the environment, whether they answer or not; none where TEMPORAL_ADDRESS is not set. */
export async function readClusters(ops: Ops): Promise<readonly ClusterState[]> {
  const environment = await ops.environment();
  if (!environment['TEMPORAL_ADDRESS']) return [];
  return await Promise.all((await ops.clusters()).map((cluster, i) => readCluster(cluster, i, environment)));
}

/** @param i 0 = main, 1 = standby */
async function readCluster(cluster: OpsCluster, i: number, environment: NodeJS.ProcessEnv): Promise<ClusterState> {
  const { name, address, namespace, connection } = cluster;
  const ask = <T>(call: () => Promise<T>): Promise<T> => connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
  try {
    const [workers, found] = await Promise.all([
      ask(() => countWorkers(connection, namespace)),
      ask(() => findSweepSchedule(new ScheduleClient({ connection, namespace }))),
    ]);
    const sweep =
      found === undefined
        ? null
        : {
            paused: found.state.paused,
            lastRun: found.info.recentActions.at(-1)?.takenAt.toISOString() ?? null,
            unpause: createRemedies(cluster, i === 0 ? 'TEMPORAL_' : 'TEMPORAL_STANDBY_', environment).sweep.paused,
          };
    return { name, address, problem: null, workers, sweep };
  } catch (error) {
    const { message } = error as Error; // gRPC's
    return { name, address, problem: message.split('\n')[0] ?? '', workers: 0, sweep: null };
  }
}
