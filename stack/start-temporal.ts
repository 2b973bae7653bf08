import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './free-port';
import { grpcHealth } from './grpc-health';
import { logTail, spawnServer, type OnUnaskedEnd, type ServerProcess } from './spawn-server';
import { temporalCli } from './temporal-cli';

export interface TemporalOptions {
  /** Path of the Temporal CLI. Absent: where setup finds one. */
  readonly cli?: string | undefined;
  /** Folder that keeps the database file between starts. Absent: a temporary one, removed by `stop`. */
  readonly dataDir?: string | undefined;
  /** Taken if it is free, else any free port. */
  readonly port?: number | undefined;
  /** Taken if it is free, else any free port. */
  readonly uiPort?: number | undefined;
  /** Default true: no Web UI. */
  readonly headless?: boolean | undefined;
  /** Settings beside DYNAMIC_CONFIG. */
  readonly dynamicConfig?: Readonly<Record<string, boolean | number>>;
  /** Default `temporal.log` in the data folder. */
  readonly logFile?: string | undefined;
  /** A server of your own (`host:port`): nothing is started, `stop` does nothing. */
  readonly address?: string | undefined;
  /** Whether SQLite brings each commit to the disk (synchronous FULL), as PostgreSQL does. Default false: it survives SIGKILL, but not a power cut. */
  readonly syncsCommits?: boolean | undefined;
  /** Called with how the server ended, when it ended without being stopped here. */
  readonly onUnaskedEnd?: OnUnaskedEnd;
}

export interface Temporal {
  /** `host:port` of the gRPC frontend. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  /** Undefined for a server that was not started here. */
  readonly pid: number | undefined;
  /** Resolves with a phrase such as `exit code 1` when the server that runs now ends; never for one that was not started here. */
  readonly ended: Promise<string>;
  /** Orderly end, bounded; temporary data is removed. */
  stop(): Promise<void>;
  /** SIGKILL. Data stays. */
  kill(): Promise<void>;
  /** Starts again on the same ports and file, stopping first if it still runs. */
  restart(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/**
 * Settings with which one process with all services is as fast as its machine, so that a bench measures that: no rate limits, and no task
 * queue partitions, which only forward to each other. Fairness orders a backlog by site.
 */
export const DYNAMIC_CONFIG = {
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 200,
  'frontend.persistenceMaxQPS': 100_000,
  'frontend.rps': 100_000,
  'history.persistenceMaxQPS': 100_000,
  'history.rps': 100_000,
  'matching.enableFairness': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
  'matching.persistenceMaxQPS': 100_000,
  'matching.rps': 100_000,
} as const;

/**
 * Starts a Temporal dev server on 127.0.0.1 with a database file, which survives SIGKILL (write-ahead log, synchronous NORMAL).
 * It ends with this process, however that ends.
 * Throws with the end of the server's log when it does not serve within a minute.
 */
export async function startTemporal(options: TemporalOptions = {}): Promise<Temporal> {
  if (options.address !== undefined && options.address !== '') return givenServer(options.address);
  const temporary = options.dataDir === undefined;
  const folder = temporary ? await mkdtemp(join(tmpdir(), 'chat-events-temporal-')) : resolve(options.dataDir);
  try {
    await mkdir(folder, { recursive: true });
    return await startDevServer(folder, temporary, options);
  } catch (error) {
    if (temporary) await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startDevServer(folder: string, temporary: boolean, options: TemporalOptions): Promise<Temporal> {
  const cli = options.cli ?? (await temporalCli());
  const logFile = options.logFile ?? join(folder, 'temporal.log');
  const launch = async (ports: Ports): Promise<ServerProcess> => {
    const server = await spawnServer({
      file: cli,
      args: devServerArguments(join(folder, 'temporal.db'), ports, options),
      env: devServerEnvironment(),
      logFile,
      stopSignal: 'SIGTERM',
      onUnaskedEnd: options.onUnaskedEnd,
      removeIfOrphaned: temporary ? folder : undefined,
    });
    await becomeReady(server, ports.frontend, logFile);
    return server;
  };
  let { server, ports } = await onFreePorts(launch, options);
  return {
    address: `127.0.0.1:${ports.frontend}`,
    uiUrl: ports.ui === undefined ? undefined : `http://127.0.0.1:${ports.ui}`,
    get pid() {
      return server.pid;
    },
    get ended() {
      return server.exited;
    },
    async stop() {
      await server.end(['SIGTERM', 10_000]);
      if (temporary) await rm(folder, { recursive: true, force: true });
    },
    kill: () => server.end(['SIGKILL', 10_000]),
    async restart() {
      await server.end(['SIGTERM', 10_000]);
      server = await launch(ports);
    },
  };
}

interface Ports {
  readonly frontend: number;
  /** Undefined: no Web UI. */
  readonly ui: number | undefined;
}

/** Another program may take a port between the search for a free one and the server's start: search again. */
async function onFreePorts(
  launch: (ports: Ports) => Promise<ServerProcess>,
  { port, uiPort, headless = true }: TemporalOptions,
): Promise<{ server: ServerProcess; ports: Ports }> {
  for (let tries = 1; ; tries++) {
    const ports = { frontend: await freePort(port), ui: headless ? undefined : await freePort(uiPort) };
    try {
      return { server: await launch(ports), ports };
    } catch (error) {
      if (tries === 3 || !/address already in use|can't set .*port|assigning ephemeral port/i.test(String(error)))
        throw error;
    }
  }
}

function devServerArguments(file: string, { frontend, ui }: Ports, options: TemporalOptions): string[] {
  const settings = { ...DYNAMIC_CONFIG, ...options.dynamicConfig };
  const synchronous = `synchronous=${options.syncsCommits ? 2 : 1}`;
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${frontend}`, '--db-filename', file];
  args.push('--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', synchronous, '--log-level', 'warn');
  args.push(...(ui === undefined ? ['--headless'] : ['--ui-port', `${ui}`, '--ui-disable-news-fetch']));
  for (const [key, value] of Object.entries(settings)) args.push('--dynamic-config-value', `${key}=${value}`);
  return args;
}

/** Without our own TEMPORAL_* settings, which the CLI would read as its own. */
function devServerEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(inherited), TEMPORAL_VERSION_CHECK_DISABLED: '1' };
}

async function becomeReady(server: ServerProcess, port: number, logFile: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (server.running() && Date.now() < deadline) {
    if (await grpcHealth(`127.0.0.1:${port}`, 1_000)) return;
    await pause(50);
  }
  const state = server.running() ? 'it does not answer' : await server.exited;
  await server.end(['SIGTERM', 5_000]);
  throw new Error(`The Temporal dev server did not start (${state}). The end of its log:\n${logTail(logFile)}`);
}

function givenServer(address: string): Temporal {
  const notOurs = (): Promise<never> =>
    Promise.reject(new Error('TEMPORAL_ADDRESS names a server that was not started here: stop or start it yourself.'));
  return {
    address,
    uiUrl: undefined,
    pid: undefined,
    ended: new Promise(() => {}),
    stop: () => Promise.resolve(),
    kill: notOurs,
    restart: notOurs,
  };
}
