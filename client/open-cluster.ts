import { Connection, WorkflowClient, type ConnectionOptions } from '@temporalio/client';
import { NAMESPACE } from '../protocol/constants';
import { THRESHOLD_BYTES, type LargeEventStore } from './large-events';

export interface ClusterOptions {
  /** The cluster's fixed name, as in receipts (`acceptedBy`) and delivery rows. */
  readonly name: string;
  /** Frontend, `host:port`. */
  readonly address: string;
  /** Default `chat-events`. */
  readonly namespace?: string;
  /** True, or certificates for mutual TLS. Default: no TLS, unless there is an API key. */
  readonly tls?: NonNullable<ConnectionOptions['tls']>;
  /** Sent with each call; a function is asked each time, so that keys can change. */
  readonly apiKey?: NonNullable<ConnectionOptions['apiKey']>;
  /** gRPC headers of each call, such as a proxy on the way may ask for. Default: none. */
  readonly metadata?: NonNullable<ConnectionOptions['metadata']>;
}

export interface ClusterConnection {
  readonly name: string;
  readonly client: WorkflowClient;
  /** Events with more bytes of JSON are kept outside of Temporal. */
  readonly largeFromBytes: number;
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

/** Connects with the first call, and calls once: retries and deadlines are the caller's. */
export function openCluster(
  { name, address, namespace = NAMESPACE, tls, apiKey, metadata }: ClusterOptions,
  store?: LargeEventStore,
): ClusterConnection {
  const connection = Connection.lazy({
    address,
    interceptors: [],
    channelArgs: CHANNEL_ARGS,
    ...(tls !== undefined && { tls }),
    ...(apiKey !== undefined && { apiKey }),
    ...(metadata !== undefined && { metadata }),
  });
  const client = new WorkflowClient({
    connection,
    namespace,
    dataConverter: {
      payloadConverterPath: require.resolve('../protocol/payload-converter'),
      ...(store && { externalStorage: store.externalStorage }),
    },
  });
  const largeFromBytes = store === undefined ? Infinity : THRESHOLD_BYTES;
  return { name, client, largeFromBytes, close: () => connection.close() };
}
