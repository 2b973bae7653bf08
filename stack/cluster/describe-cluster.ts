import { DatabaseClient } from '../../db/database-client';
import { probeCluster } from '../../client/probe-cluster';
import { grpcHealth } from '../grpc-health';
import { livingDaemon } from './daemon';
import type { ClusterLayout, ServerLayout } from './lay-out';
import { databaseUrlOf, POSTGRES, uiOf } from './start-cluster';

const ANSWER_WITHIN_MS = 5_000;

export interface ServerStatus extends Pick<ServerLayout, 'name' | 'address' | 'uiUrl' | 'metricsUrl'> {
  /** Null when it does not run. */
  readonly pid: number | null;
  readonly uiPid: number | null;
  /** It serves workflows, by its health service. */
  readonly healthy: boolean;
  /** It reads its database. */
  readonly readsStore: boolean;
}

export interface ClusterStatus {
  /** Every process runs, serves, and reads its database. */
  readonly up: boolean;
  readonly postgres: {
    /** Null when it does not run, or is one of your own. */
    readonly pid: number | null;
    readonly answers: boolean;
    /** Null before the first start. */
    readonly url: string | null;
  };
  readonly servers: readonly ServerStatus[];
}

/** Looks at each process and asks each server, for five seconds at most. */
export async function describeCluster(layout: ClusterLayout): Promise<ClusterStatus> {
  const [postgres, ...servers] = await Promise.all([
    describePostgres(layout),
    ...layout.servers.map((server) => describeServer(layout, server)),
  ]);
  const up = postgres.answers && servers.every((one) => one.healthy && one.readsStore && one.uiPid !== null);
  return { up, postgres, servers };
}

async function describePostgres(layout: ClusterLayout): Promise<ClusterStatus['postgres']> {
  const url = await databaseUrlOf(layout);
  const pid = (await livingDaemon(layout.folder, POSTGRES)) ?? null;
  return { pid, answers: url !== undefined && (await postgresAnswers(url)), url: url ?? null };
}

async function describeServer({ folder }: ClusterLayout, server: ServerLayout): Promise<ServerStatus> {
  const { name, address, uiUrl, metricsUrl } = server;
  const pid = (await livingDaemon(folder, name)) ?? null;
  const uiPid = (await livingDaemon(folder, uiOf(server))) ?? null;
  // Another program may listen there: only a process that these commands started counts.
  const [healthy, reads] =
    pid === null ? [false, false] : await Promise.all([grpcHealth(address, ANSWER_WITHIN_MS), readsStore(server)]);
  return { name, address, uiUrl, metricsUrl, pid, uiPid, healthy, readsStore: reads };
}

/** Asks for a workflow that does not exist, in a namespace that every server has: to answer, the server has to read its database. */
async function readsStore({ name, address }: ServerLayout): Promise<boolean> {
  const where = { name, address, namespace: 'temporal-system' };
  return (
    (await probeCluster(where, {
      deadlineMs: ANSWER_WITHIN_MS,
      withStart: false,
      signal: AbortSignal.timeout(2 * ANSWER_WITHIN_MS),
    })) === undefined
  );
}

async function postgresAnswers(url: string): Promise<boolean> {
  const client = new DatabaseClient({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
  });
  try {
    await client.connect();
    await client.query('select');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
