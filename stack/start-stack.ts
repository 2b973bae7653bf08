import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed } from '../prisma/seed';
import { migrate } from '../prisma/migrate';
import { startPostgres, type Postgres } from './start-postgres';
import { startTemporal, type Temporal } from './start-temporal';

export interface StackOptions {
  /** Names of the consumers that the worker has: subscriptions of others start as paused. */
  readonly availableConsumers: readonly string[];
  /** Folder that keeps the data of both servers between starts. Absent: temporary ones, removed by `stop`. */
  readonly dataDir?: string | undefined;
  /** A PostgreSQL of your own (`postgres://...`) instead of the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** A Temporal frontend of your own (`host:port`) instead of the dev server. */
  readonly temporalAddress?: string | undefined;
  /** Default false: one cluster. True: a second dev server, or the frontend of your own that `standbyAddress` names. */
  readonly withStandby?: boolean | undefined;
  readonly standbyAddress?: string | undefined;
  /** Whether Temporal's dev server brings each commit to the disk. Default false. */
  readonly syncsCommits?: boolean | undefined;
  /** Default true: no Web UI. */
  readonly headless?: boolean | undefined;
  /** Each is taken if it is free, else any free port. */
  readonly ports?:
    | {
        readonly postgres?: number;
        readonly temporal?: number;
        readonly ui?: number;
        readonly standby?: number;
        readonly standbyUi?: number;
      }
    | undefined;
}

export interface Stack {
  readonly postgres: Postgres;
  readonly temporal: Temporal;
  /** The second cluster, if there is one. */
  readonly standby: Temporal | undefined;
  /** For events above 256 KiB. */
  readonly largeEventsDir: string;
  /** Migrations that this start applied, and data queues that it inserted as paused. */
  readonly applied: readonly string[];
  readonly paused: readonly string[];
  /** Temporal first, then PostgreSQL; bounded. Temporary data is removed. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL and one Temporal or two side by side, migrates the database and inserts the seed's subscriptions: all that a worker and a
 * publisher need.
 * Throws the first error; then no server is left running.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { availableConsumers, dataDir, databaseUrl, headless, syncsCommits, ports = {} } = options;
  const folder = (name: string): string | undefined => (dataDir === undefined ? undefined : join(dataDir, name));
  const started: { stop(): Promise<void> }[] = [];
  const database = async () => {
    const postgres = await startPostgres({ dataDir: folder('postgres'), port: ports.postgres, url: databaseUrl });
    started.push(postgres);
    const { applied } = await migrate(postgres.url);
    const { paused } = await seed(postgres.url, availableConsumers);
    return { postgres, applied, paused };
  };
  const cluster = async (name: string, address: string | undefined, port?: number, uiPort?: number) => {
    const temporal = await startTemporal({ dataDir: folder(name), port, uiPort, headless, syncsCommits, address });
    started.push(temporal);
    return temporal;
  };
  const largeEventsDir = folder('large-events') ?? (await mkdtemp(join(tmpdir(), 'chat-events-large-')));
  const { temporalAddress, withStandby = false, standbyAddress } = options;
  const outcomes = await Promise.allSettled([
    database(),
    cluster('temporal', temporalAddress, ports.temporal, ports.ui),
    withStandby ? cluster('temporal-standby', standbyAddress, ports.standby, ports.standbyUi) : undefined,
  ]);
  const [fromDatabase, temporal, standby] = outcomes;
  if (fromDatabase.status === 'rejected' || temporal.status === 'rejected' || standby.status === 'rejected') {
    await Promise.all(started.map((server) => server.stop()));
    throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
  }
  return {
    ...fromDatabase.value,
    temporal: temporal.value,
    standby: standby.value,
    largeEventsDir,
    async stop() {
      await Promise.all([temporal.value.stop(), standby.value?.stop()]);
      await fromDatabase.value.postgres.stop();
      if (dataDir === undefined) await rm(largeEventsDir, { recursive: true, force: true });
    },
  };
}
