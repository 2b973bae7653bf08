import {
  bundleWorkflowCode,
  DefaultLogger,
  Worker,
  type ActivityInterceptorsFactory,
  type CustomSlotSupplier,
  type NativeConnection,
  type SlotInfo,
  type TunerHolder,
  type WorkerOptions,
  type WorkflowBundleOption,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { HEARTBEAT_MS } from '../activities/deliver/deliver';
import { MOST_OF_EVENT } from '../activities/deliver/first-attempts';
import { treatPayloads, type Payloads } from '../client/payloads';
import { consumerTaskQueue, DEPLOYMENT, LARGE_TASK_QUEUE, SWEEP_TASK_QUEUE, TASK_QUEUE } from '../protocol/constants';
import type { WorkerConfig } from './config';

type ActivityFunctions = Record<string, (...args: never[]) => Promise<unknown>>;

export interface WorkerParts {
  /** The activities beside the consumers'. */
  readonly activities: ActivityFunctions;
  /** One activity per consumer. */
  readonly deliveries: ActivityFunctions;
  readonly workflowBundle: WorkflowBundleOption;
  readonly payloads: Payloads;
  /** Of every activity. Default: none. */
  readonly activityInterceptors?: readonly ActivityInterceptorsFactory[] | undefined;
  /** Hands out so many slots for tasks of this queue. */
  readonly slots: (count: number, taskQueue: string) => CustomSlotSupplier<SlotInfo>;
}

const workflowsPath = path.join(__dirname, '..', 'workflows');
export const payloadConverterPath = path.join(__dirname, '..', 'protocol', 'payload-converter');

/** The bundle of this file; else the one that `npm run build` leaves beside the compiled code; from source, one made now. */
export async function findWorkflowBundle(file?: string): Promise<WorkflowBundleOption> {
  const codePath = file ?? path.join(__dirname, '..', 'workflow-bundle.js');
  if (existsSync(codePath)) return { codePath };
  if (file !== undefined) throw new Error(`WORKFLOW_BUNDLE: there is no file ${file}; correct it, or leave it out.`);
  return await bundleWorkflows();
}

/** Takes 3 s. */
export function bundleWorkflows(): Promise<WorkflowBundleWithSourceMap> {
  const logger = new DefaultLogger('ERROR');
  return bundleWorkflowCode({
    workflowsPath,
    payloadConverterPath: require.resolve(payloadConverterPath),
    workflowInterceptorModules: [path.join(workflowsPath, 'pass-trace')],
    logger,
  });
}

/** Events whose deliveries to destinations are first tried beside their workflows: half of the tasks are left to others. */
export const mostTriedAtOnce = ({ WORKFLOW_TASK_SLOTS }: WorkerConfig): number => Math.floor(WORKFLOW_TASK_SLOTS / 2);

/** After the grace time: for handing activities in flight back to the server. */
export const FORCE_AFTER_MS = 10_000;

/** Each large event takes about 100 MB while it is recorded; it stays in the cache while a consumer is tried again. */
const fewAtOnce = {
  taskQueue: LARGE_TASK_QUEUE,
  maxCachedWorkflows: 4,
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
} satisfies Partial<WorkerOptions>;

/** For the activity of a round, whose workflow runs on the queue of all workflows. */
const oneRound = {
  taskQueue: SWEEP_TASK_QUEUE,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
} satisfies Partial<WorkerOptions>;

/**
 * The Workers of one cluster: one for workflows, with recording and the first attempts of in-house consumers beside them,
 * one for those of large events, one for the sweep, and one per consumer queue.
 *
 * @param release as which they poll; undefined: without Worker Versioning
 */
export async function createWorkers(
  connection: NativeConnection,
  namespace: string,
  config: WorkerConfig,
  parts: WorkerParts,
  release?: string,
): Promise<Worker[]> {
  const { WORKFLOW_TASK_SLOTS, LOCAL_ACTIVITY_SLOTS, CONSUMER_SLOTS } = config;
  const maximum = config.POLLERS;
  const pollers = { type: 'autoscaling', minimum: 2, initial: Math.min(5, maximum), maximum } as const;
  const shared: Omit<WorkerOptions, 'taskQueue'> = {
    connection,
    namespace,
    dataConverter: {
      payloadConverterPath: require.resolve(payloadConverterPath),
      ...treatPayloads(parts.payloads),
    },
    ...(release !== undefined && { workerDeploymentOptions: versioned(release) }),
    ...(parts.activityInterceptors && { interceptors: { activity: [...parts.activityInterceptors] } }),
    maxHeartbeatThrottleInterval: HEARTBEAT_MS, // by default the SDK holds a heartbeat back for most of its timeout
    shutdownGraceTime: config.SHUTDOWN_GRACE_SECONDS * 1000,
    shutdownForceTime: config.SHUTDOWN_GRACE_SECONDS * 1000 + FORCE_AFTER_MS,
  };
  const forWorkflows: WorkerOptions = {
    ...shared,
    taskQueue: TASK_QUEUE,
    workflowBundle: parts.workflowBundle,
    activities: { ...parts.activities, ...parts.deliveries },
    enableNonLocalActivities: false,
    tuner: tunerOf(
      parts,
      TASK_QUEUE,
      WORKFLOW_TASK_SLOTS,
      LOCAL_ACTIVITY_SLOTS + mostTriedAtOnce(config) * MOST_OF_EVENT, // so that sends take none from recording
    ),
    maxCachedWorkflows: config.WORKFLOW_CACHE,
    workflowTaskPollerBehavior: pollers,
  };
  const options: WorkerOptions[] = [
    forWorkflows,
    ...(parts.payloads.store ? [{ ...forWorkflows, ...fewAtOnce, tuner: tunerOf(parts, LARGE_TASK_QUEUE, 2) }] : []),
    { ...shared, ...oneRound, activities: parts.activities, tuner: tunerOf(parts, SWEEP_TASK_QUEUE, 8) },
    ...Object.entries(parts.deliveries).map(([consumer, deliver]) => ({
      ...shared,
      taskQueue: consumerTaskQueue(consumer),
      activities: { [consumer]: deliver },
      tuner: tunerOf(parts, consumerTaskQueue(consumer), CONSUMER_SLOTS),
      activityTaskPollerBehavior: pollers,
    })),
  ];
  return await createAll(options);
}

/** Open runs go on with the release that is current: their code is the same but for changes behind `patched`. */
const versioned = (buildId: string) =>
  ({
    version: { deploymentName: DEPLOYMENT, buildId },
    useWorkerVersioning: true,
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  }) as const;

/** A Worker has tasks of workflows or of activities. Local activities belong to a workflow task that is under way: they always have slots. */
function tunerOf({ slots }: WorkerParts, taskQueue: string, tasks: number, local = 1): TunerHolder {
  const supplier = slots(tasks, taskQueue);
  return {
    workflowTaskSlotSupplier: supplier,
    activityTaskSlotSupplier: supplier,
    localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: local },
    nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 }, // there is no Nexus service
  };
}

/** All or none: a Worker that was made holds threads and the connection until it has run. */
async function createAll(options: readonly WorkerOptions[]): Promise<Worker[]> {
  const results = await Promise.allSettled(options.map((one) => Worker.create(one)));
  const workers = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return workers;
  await Promise.allSettled(workers.map((worker) => worker.runUntil(Promise.resolve())));
  throw failed.reason;
}
