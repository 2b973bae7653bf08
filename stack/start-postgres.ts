import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseClient } from '../db/database-client';
import { freePort } from './free-port';
import { findPostgresBinaries } from './postgres-binaries';
import { preparePostgresData } from './postgres-data';
import { runPostgresAs } from './postgres-user';
import { logTail, spawnServer, type OnUnaskedEnd, type ServerProcess } from './spawn-server';

export interface PostgresOptions {
  /** Folder that keeps the data between starts. Absent: a temporary one, removed by `stop`. */
  readonly dataDir?: string | undefined;
  /** Taken if it is free, else any free port. */
  readonly port?: number | undefined;
  /** A server of your own (`postgres://...`): nothing is started, `stop` does nothing. */
  readonly url?: string | undefined;
  /** Default false: it ends with this process. */
  readonly outlivesUs?: boolean | undefined;
  /** Called with how the server ended, when it ended without being stopped here. */
  readonly onUnaskedEnd?: OnUnaskedEnd;
}

export interface Postgres {
  readonly url: string;
  /** Undefined for a server that was not started here. */
  readonly pid: number | undefined;
  /** Resolves with a phrase such as `exit code 1` when the server that runs now ends; never for one that was not started here. */
  readonly ended: Promise<string>;
  /** Fast shutdown: open sessions are ended. Bounded; temporary data is removed. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash would. Data stays; `restart` recovers it. */
  kill(): Promise<void>;
  /** Starts again on the same port and data, stopping first if it still runs. */
  restart(): Promise<void>;
}

const DATABASE = 'chat_events';
const READY_WITHIN_MS = 60_000;

/**
 * Starts an embedded PostgreSQL 18 on 127.0.0.1 with an empty database `chat_events`, durable as in production (fsync stays on).
 * It ends with this process, however that ends, unless it is meant to go on.
 * Throws with the end of the server's log when it is not ready within a minute.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  if (options.url !== undefined && options.url !== '') return givenServer(options.url);
  const temporary = options.dataDir === undefined;
  const folder = temporary ? await mkdtemp(join(tmpdir(), 'chat-events-postgres-')) : resolve(options.dataDir);
  try {
    await mkdir(folder, { recursive: true });
    return await startEmbedded(folder, temporary, options);
  } catch (error) {
    if (temporary) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startEmbedded(
  folder: string,
  temporary: boolean,
  { port: preferredPort, outlivesUs, onUnaskedEnd }: PostgresOptions,
): Promise<Postgres> {
  const binaries = await findPostgresBinaries();
  const user = await runPostgresAs([binaries.postgres, join(folder, 'data')]);
  const password = await preparePostgresData(folder, binaries, user);
  const logFile = join(folder, 'postgres.log');
  const url = (port: number, database: string): string =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const launch = async (port: number): Promise<ServerProcess> => {
    const args = [
      '-D',
      join(folder, 'data'),
      '-p',
      `${port}`,
      '-h',
      '127.0.0.1',
      '-k',
      '',
      '-c',
      'max_connections=200',
    ];
    const server = await spawnServer({
      ...user.command(binaries.postgres, args),
      env: { ...process.env, LC_MESSAGES: 'C' },
      logFile,
      stopSignal: 'SIGINT',
      outlivesUs,
      onUnaskedEnd,
      removeIfOrphaned: temporary ? folder : undefined,
    });
    await becomeReady(server, url(port, 'postgres'), logFile);
    return server;
  };
  let { server, port } = await onFreePort(launch, preferredPort);
  const end = (): Promise<void> => server.end(['SIGINT', 10_000], ['SIGQUIT', 5_000]);
  return {
    url: url(port, DATABASE),
    get pid() {
      return server.pid;
    },
    get ended() {
      return server.exited;
    },
    async stop() {
      await end();
      if (temporary) await rm(folder, { recursive: true, force: true });
    },
    kill: () => server.end(['SIGQUIT', 5_000]),
    async restart() {
      await end();
      server = await launch(port);
    },
  };
}

/** Another program may take the port between the search for a free one and the server's start: search again. */
async function onFreePort(
  launch: (port: number) => Promise<ServerProcess>,
  preferred?: number,
): Promise<{ server: ServerProcess; port: number }> {
  for (let tries = 1; ; tries++) {
    const port = await freePort(preferred);
    try {
      return { server: await launch(port), port };
    } catch (error) {
      if (tries === 3 || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function becomeReady(server: ServerProcess, url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let failure: unknown;
  while (server.running() && Date.now() < deadline) {
    const client = new DatabaseClient({ connectionString: url, connectionTimeoutMillis: 5_000 });
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      failure = error;
      await pause(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  const state = server.running() ? 'it does not answer' : await server.exited;
  await server.end(['SIGQUIT', 5_000]);
  throw new Error(`PostgreSQL did not start (${state}). The end of its log:\n${logTail(logFile)}`, { cause: failure });
}

function givenServer(url: string): Postgres {
  const notOurs = (): Promise<never> =>
    Promise.reject(new Error('DATABASE_URL names a server that was not started here: stop or start it yourself.'));
  return {
    url,
    pid: undefined,
    ended: new Promise(() => {}),
    stop: () => Promise.resolve(),
    kill: notOurs,
    restart: notOurs,
  };
}
