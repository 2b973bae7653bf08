import { GRPC, grpcCodeOf } from '../client/grpc-code';
import type { Ops, OpsCluster } from './open-ops';

/** An event that has an id, and how far it came. */
export interface Found {
  readonly standing: 'recorded' | 'refused' | 'queued';
  readonly key: string;
  /** The kinds of id by which it was found. */
  readonly by: string;
  /** When it was received, or refused, or its workflow was started. */
  readonly at: string;
  readonly cluster: string;
  readonly workflowId: string;
  /** How many of its deliveries are in each state. */
  readonly deliveries: Readonly<Record<string, number>>;
}

/**
 * The workflows of these keys that are there although the database does not know the events.
 *
 * @throws the error of a cluster that does not answer, where no other has found one
 */
export async function findQueued(keys: readonly string[], ops: Ops): Promise<Found[]> {
  if (keys.length === 0 || !(await ops.environment())['TEMPORAL_ADDRESS']) return [];
  const asked = await Promise.allSettled((await ops.clusters()).map((cluster) => findOn(cluster, keys)));
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failed = asked.find((one) => one.status === 'rejected');
  if (found.length === 0 && failed) throw failed.reason;
  return found;
}

async function findOn({ name, namespace, connection, ask }: OpsCluster, keys: readonly string[]): Promise<Found[]> {
  const found: Found[] = [];
  for (const key of keys) {
    const request = { namespace, execution: { workflowId: key } };
    const answer = await ask(() => connection.workflowService.describeWorkflowExecution(request)).catch(
      (error: unknown) => {
        if (grpcCodeOf(error) === GRPC.NOT_FOUND) return undefined;
        throw error;
      },
    );
    if (answer === undefined) continue;
    const at = new Date(Number(answer.workflowExecutionInfo?.startTime?.seconds ?? 0) * 1000).toISOString();
    found.push({ standing: 'queued', key, by: 'event', at, cluster: name, workflowId: key, deliveries: {} });
  }
  return found;
}
