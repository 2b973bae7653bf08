import type { WorkflowService } from '@temporalio/client';
import { DEPLOYMENT } from '../protocol/constants';
import { GRPC, grpcCodeOf, unless } from './grpc-code';

/** A connection of the Client or of a Worker. */
interface Connected {
  readonly workflowService: WorkflowService;
}

/** A release of the workers, as one cluster knows it: a version of the Worker Deployment, named by its build id. */
export interface WorkerRelease {
  readonly release: string;
  /**
   * current: its workers have the tasks. ramping: they have a share of them. draining and drained: they had. inactive: they never
   * had any.
   */
  readonly state: 'current' | 'ramping' | 'draining' | 'drained' | 'inactive';
  /** Share of the tasks. */
  readonly percent: number;
  /** When it was last current, ISO; null: it never was. */
  readonly lastCurrent: string | null;
}

export interface WorkerReleases {
  /** Null: workers without a release have the tasks. */
  readonly current: string | null;
  readonly releases: readonly WorkerRelease[];
}

/** The first server whose Worker Versioning is complete: 1.29.1. */
const SINCE = [1, 29, 1] as const;
const STATES = {
  // by temporal.api.enums.v1.WorkerDeploymentVersionStatus
  2: 'current',
  3: 'ramping',
  4: 'draining',
  5: 'drained',
} as const;

/**
 * Whether the cluster has Worker Versioning.
 *
 * @returns undefined if it has; else why not
 * @throws the server's error, when it does not answer
 */
export async function findNoVersioning({ workflowService }: Connected, namespace: string): Promise<string | undefined> {
  const { serverVersion } = await workflowService.getSystemInfo({});
  if (isOlder(serverVersion)) return `the server ${serverVersion} is older than ${SINCE.join('.')}`;
  try {
    await workflowService.listWorkerDeployments({ namespace, pageSize: 1 });
    return undefined;
  } catch (error) {
    const code = grpcCodeOf(error);
    if (code === GRPC.UNIMPLEMENTED) return 'the server does not know it';
    // A caller without the right to list is refused by the same code.
    if (code === GRPC.PERMISSION_DENIED)
      return /disabled/.test(String(error)) ? 'it is disabled in the namespace' : undefined;
    throw error;
  }
}

/** @returns undefined where no worker with a release has ever polled */
export async function readWorkerReleases(
  { workflowService }: Connected,
  namespace: string,
): Promise<WorkerReleases | undefined> {
  const found = await workflowService
    .describeWorkerDeployment({ namespace, deploymentName: DEPLOYMENT })
    .catch(unless(GRPC.NOT_FOUND));
  const info = found?.workerDeploymentInfo;
  if (!info) return undefined;
  const routing = info.routingConfig;
  const ramping = routing?.rampingVersionPercentage ?? 0;
  const releases = (info.versionSummaries ?? []).map(({ deploymentVersion, status, lastCurrentTime }) => {
    const state = STATES[Number(status) as keyof typeof STATES] ?? 'inactive';
    return {
      release: deploymentVersion?.buildId ?? '',
      state,
      percent: state === 'current' ? 100 - ramping : state === 'ramping' ? ramping : 0,
      lastCurrent: toIso(lastCurrentTime),
    };
  });
  return { current: routing?.currentDeploymentVersion?.buildId || null, releases };
}

/**
 * The workers of this release get the tasks: of all new runs, and of open ones from their next workflow task on.
 *
 * @param release null: workers without a release
 * @param ignoreMissingTaskQueues also when they do not poll all task queues of the current release
 * @throws the server's error, among others when no worker of the release has polled there
 */
export async function makeCurrent(
  { workflowService }: Connected,
  namespace: string,
  release: string | null,
  ignoreMissingTaskQueues = false,
): Promise<void> {
  const buildId = release ?? '';
  await workflowService.setWorkerDeploymentCurrentVersion({
    namespace,
    deploymentName: DEPLOYMENT,
    buildId,
    ignoreMissingTaskQueues,
  });
}

/** The workers of this release get so many of 100 runs; 0 ends it. */
export async function ramp(
  { workflowService }: Connected,
  namespace: string,
  { release, percent }: { readonly release: string; readonly percent: number },
): Promise<void> {
  await workflowService.setWorkerDeploymentRampingVersion({
    namespace,
    deploymentName: DEPLOYMENT,
    buildId: percent === 0 ? '' : release,
    percentage: percent,
  });
}

function isOlder(version: string): boolean {
  const parts = version.split(/[.-]/, 3).map(Number);
  const first = SINCE.findIndex((part, i) => parts[i] !== part);
  return first !== -1 && Number(parts[first]) < Number(SINCE[first]);
}

const toIso = (time: { seconds?: unknown } | null | undefined): string | null =>
  time ? new Date(Number(time.seconds) * 1000).toISOString() : null;
