import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { ClusterOptions } from '../client/publisher-options';
import { clusterVariables, type ClusterVariables } from './cluster-variables';

/** Key in a namespace's data: the fixed name of the cluster that it is in. */
export const CLUSTER_NAME = 'chat-events.cluster';

/** A cluster that this process serves. */
export interface ClusterConfig {
  /** Fixed, as in the rows of deliveries. */
  readonly name: string;
  /** Frontend, `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Address, TLS and API key. */
  readonly connection: NativeConnectionOptions;
  /** File with the API key, instead of one in `connection`; it is read again when it changes. */
  readonly apiKeyFile?: string;
}

/** The same clusters, for a program that is not a worker and reads no other variable. */
export function readClustersAlone(environment: NodeJS.ProcessEnv): ReturnType<typeof readClusters> {
  return readClusters(clusterVariables.parse(withoutEmpty(environment)), environment);
}

/**
 * Main, and standby if there is one. TLS and API key are those of the environment as @temporalio/envconfig reads it; standby's
 * come from the same variables with `TEMPORAL_STANDBY_` in front, TEMPORAL_STANDBY_PROFILE among them.
 */
export function readClusters(
  config: ClusterVariables,
  environment: NodeJS.ProcessEnv = process.env,
): readonly [ClusterConfig, ...ClusterConfig[]] {
  const main = {
    name: config.TEMPORAL_CLUSTER_NAME,
    address: config.TEMPORAL_ADDRESS,
    namespace: config.TEMPORAL_NAMESPACE,
    ...connectionOptions(config.TEMPORAL_ADDRESS, environment),
  };
  const address = config.TEMPORAL_STANDBY_ADDRESS;
  if (address === undefined) return [main];
  const standby = {
    name: config.TEMPORAL_STANDBY_CLUSTER_NAME,
    address,
    namespace: config.TEMPORAL_STANDBY_NAMESPACE ?? config.TEMPORAL_NAMESPACE,
    ...connectionOptions(address, ofStandby(environment)),
  };
  return [main, standby];
}

/** The cluster as publishers and calls of maintenance connect to it. */
export function toClusterOptions({ name, address, namespace, connection, apiKeyFile }: ClusterConfig): ClusterOptions {
  const { tls, apiKey, metadata } = connection;
  const key = apiKeyFile === undefined ? { ...(apiKey && { apiKey }) } : { apiKeyFile };
  // `false` counts: an API key alone would mean TLS.
  const given = { ...(tls !== undefined && tls !== null && { tls }), ...key, ...(metadata && { metadata }) };
  return { name, address, namespace, ...given };
}

function connectionOptions(
  address: string,
  environment: NodeJS.ProcessEnv,
): Pick<ClusterConfig, 'connection' | 'apiKeyFile'> {
  const overrideEnvVars = withoutEmpty(environment);
  const apiKeyFile = overrideEnvVars['TEMPORAL_API_KEY_FILE'];
  const options = loadClientConnectConfig({ overrideEnvVars }).connectionOptions;
  // As the SDK treats an API key of the environment.
  const tls = apiKeyFile !== undefined && options.tls === undefined && { tls: true };
  return { connection: { ...options, ...tls, address }, ...(apiKeyFile !== undefined && { apiKeyFile }) };
}

/** An empty variable counts as not set. */
const withoutEmpty = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])));

const STANDBY = 'TEMPORAL_STANDBY_';

/** The environment with standby's variables in the place of main's; the path of the file of profiles is the same for both. */
function ofStandby(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const rest = Object.entries(environment).filter(
    ([name]) => !name.startsWith('TEMPORAL_') || name === 'TEMPORAL_CONFIG_FILE',
  );
  const own = Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith(STANDBY) ? [[`TEMPORAL_${name.slice(STANDBY.length)}`, value]] : [],
  );
  return Object.fromEntries([...rest, ...own]);
}
