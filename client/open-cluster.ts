import { Connection, WorkflowClient, type ConnectionOptions, type WorkflowClientInterceptor } from '@temporalio/client';
import { defaultFailureConverter, type LoadedDataConverter } from '@temporalio/common';
import { NAMESPACE } from '../protocol/constants';
import { payloadConverter } from '../protocol/payload-converter';
import { apiKeyOf } from './api-key';
import { explainToken } from './explain-token';
import type { Installation } from './installation';
import { InstallationGuard } from './installation-guard';
import { THRESHOLD_BYTES } from './large-events';
import { treatPayloads, type Payloads } from './payloads';
import type { ClusterOptions } from './publisher-options';
import { readFailure, type Failure } from './read-failure';

export interface ClusterConnection {
  readonly name: string;
  readonly client: WorkflowClient;
  /** Events with more bytes of JSON are kept outside of Temporal. */
  readonly largeFromBytes: number;
  /** The meaning of a failed call, as `readFailure`; where the cluster did not let it in, the reason names the right that the token lacks. */
  readFailure(error: unknown): Failure;
  /** Resolves when it belongs to the publisher's installation, or that is not known. @throws WrongInstallation, or its error when it does not answer */
  checkInstallation(): Promise<void>;
  close(): Promise<void>;
}

const CHANNEL_ARGS = {
  // A connection of its own: channels to the same address would share one, a probe's too.
  'grpc.use_local_subchannel_pool': 1,
  // A server that is back is found again within a second; the default grows to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // A connection that went silent is given up after 20 s; the server refuses pings more often than every 10 s.
  'grpc.keepalive_time_ms': 15_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** How a client of the SDK connects to a cluster; the API key of a file is read again when it changes. */
export function connectionOptionsOf({ address, tls, metadata, ...keys }: ClusterOptions): ConnectionOptions {
  const apiKey = apiKeyOf(keys);
  return {
    address,
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
    ...(metadata !== undefined && { metadata: withBuffers(metadata) }),
  };
}

/** How data of events is treated on its way, and the interceptors of the calls. */
export interface Treatment extends Payloads {
  /** Each a WorkflowClientInterceptor. */
  readonly interceptors?: readonly object[] | undefined;
  /** Checked before each start. Default: not checked. */
  readonly installation?: Installation | undefined;
}

/**
 * Connects with the first call, and calls once: retries and deadlines are the caller's.
 *
 * @param payloads undefined for calls that neither send nor read data of events
 */
export function openCluster(where: ClusterOptions, payloads?: Treatment): ClusterConnection {
  const { name, namespace = NAMESPACE } = where;
  const connection = Connection.lazy({ ...connectionOptionsOf(where), interceptors: [], channelArgs: CHANNEL_ARGS });
  // Loaded, which the client takes as well as paths: a bundle has no files that a path could name.
  const dataConverter: LoadedDataConverter = {
    payloadConverter,
    failureConverter: defaultFailureConverter,
    ...(payloads === undefined ? { payloadCodecs: [] } : treatPayloads(payloads)),
  };
  const guard = payloads?.installation && new InstallationGuard(connection, namespace, payloads.installation);
  const given = (payloads?.interceptors ?? []) as WorkflowClientInterceptor[]; // so the options say
  const interceptors = guard ? [guard.interceptor, ...given] : [...given];
  const client = new WorkflowClient({ connection, namespace, dataConverter, interceptors });
  const largeFromBytes = payloads?.store === undefined ? Infinity : THRESHOLD_BYTES;
  return {
    name,
    client,
    largeFromBytes,
    readFailure: (error) => readFailure(error, () => explainToken(apiKeyOf(where)?.(), namespace)),
    checkInstallation: async () => await guard?.check(),
    close: () => connection.close(),
  };
}

/** As gRPC wants bytes. */
const withBuffers = (metadata: NonNullable<ClusterOptions['metadata']>): Record<string, string | Buffer> =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name, typeof value === 'string' ? value : Buffer.from(value)]),
  );
