import type { Connection } from '@temporalio/client';
import { findNoVersioning, readWorkerReleases } from '../../client/worker-releases';
import type { ClusterConfig } from '../../workers/clusters';
import type { Finding } from './finding';

/** Whether workers with this RELEASE, or without one, get tasks from the cluster. */
export async function checkRelease(
  connection: Connection,
  { name: of, namespace }: ClusterConfig,
  release: string | undefined,
): Promise<Finding> {
  const line = { of, check: 'worker versioning' };
  const noVersioning = await findNoVersioning(connection, namespace);
  if (noVersioning !== undefined) {
    if (release === undefined) return { ...line, state: 'ok', found: 'not used' };
    const found = `none: ${noVersioning}. RELEASE is not used there; workers take the tasks of all releases`;
    return {
      ...line,
      state: 'warn',
      found,
      remedy: 'Bring the server to 1.29.1 or later, or replace all workers at once.',
    };
  }
  const known = await readWorkerReleases(connection, namespace);
  const current = known?.current ?? null;
  const gets = known?.releases.some((one) => one.release === release && one.percent > 0) ?? false;
  if (release === undefined) {
    if (current === null) return { ...line, state: 'ok', found: 'not used: RELEASE is not set' };
    const found = `the release ${current} has the tasks; a worker without RELEASE gets none`;
    return { ...line, state: 'fail', found, remedy: 'Set RELEASE, or: ops releases current none' };
  }
  if (gets) return { ...line, state: 'ok', found: `${release} gets tasks; current: ${current ?? 'none'}` };
  const found = `${release} gets no tasks; current: ${current ?? 'none'}`;
  const remedy = known
    ? `ops releases current ${release}, when it is time`
    : 'Start a worker: the first release becomes current by itself.';
  return { ...line, state: 'warn', found, remedy };
}
