import { ScheduleClient } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { GRPC, unless } from '../client/grpc-code';
import { INSTALLATION } from '../protocol/constants';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from '../protocol/search-attributes';
import { CLUSTER_NAME, type ClusterConfig } from './clusters';
import type { WorkerConfig } from './config';
import { ensureSweepSchedule, findSweepSchedule } from './sweep-schedule';

/** Thrown when the namespace belongs to a cluster of another name, or to another installation: two configurations were mixed up. */
export class WrongCluster extends Error {
  override readonly name = 'WrongCluster';
}

const INDEXED_VALUE_TYPES = { KEYWORD: 2, KEYWORD_LIST: 7 } as const; // temporal.api.enums.v1.IndexedValueType

type EnsureConfig = Pick<WorkerConfig, 'TEMPORAL_RETENTION_HOURS' | 'SWEEP_EVERY_SECONDS'>;
export interface Names extends Pick<ClusterConfig, 'name' | 'namespace'> {
  /** The id of this worker's installation; undefined: its database was made before there were any. */
  readonly installation?: string | undefined;
}

/**
 * Makes the parts that the cluster lacks: namespace (with the cluster's fixed name and the installation's id in its data), search attributes, the
 * sweep's schedule. Called at start, after each reconnect and when `isComplete` says no; a repeat changes nothing.
 *
 * @throws WrongCluster; or the server's error, when it does not answer or a new namespace is not usable yet: try again
 */
export async function ensureCluster(connection: NativeConnection, cluster: Names, config: EnsureConfig): Promise<void> {
  const { namespace } = cluster;
  await ensureNamespace(connection, cluster, config);
  await ensureSearchAttributes(connection, namespace);
  await tryNames(connection, namespace);
  await ensureSweepSchedule(new ScheduleClient({ connection, namespace }), config);
}

/**
 * Whether the cluster has namespace and search attributes: one whose disk was replaced comes back without.
 *
 * @throws WrongCluster; or the server's error, when it does not answer
 */
export async function isComplete(connection: NativeConnection, cluster: Names): Promise<boolean> {
  const { namespace } = cluster;
  const named = await isNamed(connection, cluster);
  if (named === undefined) return false;
  // Where a worker has no right to write the name, the search attributes tell: it makes them last.
  if (!named && !(await findSweepSchedule(new ScheduleClient({ connection, namespace })))) return false;
  return (await missingSearchAttributes(connection, namespace)).length === 0;
}

async function ensureNamespace(connection: NativeConnection, cluster: Names, config: EnsureConfig): Promise<void> {
  const { workflowService } = connection;
  const { name, namespace, installation } = cluster;
  const data = { [CLUSTER_NAME]: name, ...(installation !== undefined && { [INSTALLATION]: installation }) };
  const named = await isNamed(connection, cluster);
  if (named === undefined) {
    const seconds = config.TEMPORAL_RETENTION_HOURS * 3600;
    const workflowExecutionRetentionPeriod = { seconds } as never; // the wire type is a Long; a number will do
    const description = 'Chat events: one workflow per event.';
    await workflowService
      .registerNamespace({ namespace, description, workflowExecutionRetentionPeriod, data })
      .catch(unless(GRPC.ALREADY_EXISTS));
  } else if (!named) {
    // A worker without the right to change the namespace (as in Temporal Cloud) goes on without them: they only guard against mixed-up addresses.
    await workflowService.updateNamespace({ namespace, updateInfo: { data } }).catch(unless(GRPC.PERMISSION_DENIED));
  }
}

/** Whether the namespace bears the cluster's name and the installation's id; undefined: there is no namespace. */
async function isNamed({ workflowService }: NativeConnection, cluster: Names): Promise<boolean | undefined> {
  const { namespace } = cluster;
  const known = await workflowService.describeNamespace({ namespace }).catch(unless(GRPC.NOT_FOUND));
  if (known === undefined) return undefined;
  const { [CLUSTER_NAME]: name, [INSTALLATION]: owner } = known.namespaceInfo?.data ?? {};
  const found = `The namespace ${namespace} at this address belongs to the`;
  const { name: ownName, installation } = cluster;
  if (name && name !== ownName) {
    const advice = 'Correct the address, or the name of the cluster.';
    throw new WrongCluster(`${found} cluster "${name}", and not to "${ownName}". ${advice}`);
  }
  if (owner && installation !== undefined && owner !== installation) {
    const advice =
      'Correct the address, or DATABASE_URL; `ops doctor` says what to do where the database is a new one.';
    throw new WrongCluster(`${found} installation ${owner}, and that database to ${installation}. ${advice}`);
  }
  return Boolean(name) && (installation === undefined || Boolean(owner));
}

async function ensureSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]));
  await connection.operatorService
    .addSearchAttributes({ namespace, searchAttributes })
    .catch(unless(GRPC.ALREADY_EXISTS));
}

async function missingSearchAttributes({ operatorService }: NativeConnection, namespace: string) {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return [SITE_ID, EVENT_TYPE, PARKED_QUEUES].filter(({ name }) => !(name in customAttributes));
}

/**
 * The parts of a server know new search attributes some seconds later, and refuse every start until then. The worker waits for that:
 * when it is ready, a publisher must be able to publish.
 */
async function tryNames({ workflowService }: NativeConnection, namespace: string): Promise<void> {
  const query = [SITE_ID, EVENT_TYPE, PARKED_QUEUES].map(({ name }) => `${name} = ""`).join(' AND ');
  await workflowService.countWorkflowExecutions({ namespace, query });
}
