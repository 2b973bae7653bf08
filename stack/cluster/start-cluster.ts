import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free-port';
import { grpcHealth } from '../grpc-health';
import { logTail, spawnServer } from '../spawn-server';
import { startPostgres } from '../start-postgres';
import { livingDaemon, recordDaemon } from './daemon';
import { SERVER_ARGUMENTS, type ServerPrograms } from './find-server';
import type { ClusterLayout, ServerLayout } from './lay-out';

const READY_WITHIN_MS = 120_000;
const PREPARED_WITHIN_MS = 300_000;
const configuration = resolve('deploy', 'temporal');
/** The name of PostgreSQL's process. */
export const POSTGRES = 'postgres';
/** The name of the process of a server's Web UI. */
export const uiOf = ({ name }: ServerLayout): string => `${name}-ui`;

export interface StartOptions {
  readonly layout: ClusterLayout;
  readonly programs: ServerPrograms;
  /** A PostgreSQL of your own instead of the embedded one; the user must be able to make databases. */
  readonly databaseUrl: string | undefined;
}

/**
 * Starts PostgreSQL, and for main and standby the server and its Web UI, with the configuration of deploy/; leaves servers alone that run
 * already. They go on after this process.
 *
 * @returns the names of the processes that it has started
 * @throws with the end of the log of the process that does not start; the others keep running
 */
export async function startCluster({ layout, programs, databaseUrl }: StartOptions): Promise<string[]> {
  await mkdir(layout.folder, { recursive: true });
  const { url, started } = databaseUrl ? { url: databaseUrl, started: [] } : await startDatabase(layout);
  await writeFile(urlFile(layout), `${url}\n`, { mode: 0o600 });
  const servers = await Promise.allSettled(
    layout.servers.map((server) => startServer(server, { layout, programs, url })),
  );
  const failed = servers.find((outcome) => outcome.status === 'rejected');
  if (failed) throw failed.reason;
  return [...started, ...servers.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))];
}

const urlFile = ({ folder }: ClusterLayout): string => join(folder, 'database-url');

/** The PostgreSQL that the last start used, with a database `chat_events` for the application if it is the embedded one. */
export async function databaseUrlOf(layout: ClusterLayout): Promise<string | undefined> {
  return await readFile(urlFile(layout), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function startDatabase(layout: ClusterLayout): Promise<{ url: string; started: string[] }> {
  const known = await databaseUrlOf(layout);
  if (known !== undefined && (await livingDaemon(layout.folder, POSTGRES)) !== undefined)
    return { url: known, started: [] };
  const dataDir = join(layout.folder, 'postgres');
  const { url, pid } = await startPostgres({ dataDir, port: layout.postgresPort, outlivesUs: true });
  if (pid !== undefined) await recordDaemon(layout.folder, POSTGRES, pid);
  return { url, started: [POSTGRES] };
}

type Surroundings = Omit<StartOptions, 'databaseUrl'> & { readonly url: string };

async function startServer(server: ServerLayout, { layout, programs, url }: Surroundings): Promise<string[]> {
  const env = environmentOf(server, url);
  const started: string[] = [];
  const launch = async (
    name: string,
    port: number,
    file: string,
    args: readonly string[],
    ready: () => Promise<boolean>,
  ) => {
    if ((await livingDaemon(layout.folder, name)) !== undefined) return;
    // Another program on the port would be taken for ours.
    if ((await freePort(port)) !== port)
      throw new Error(`Port ${port}, for ${name}, is taken: stop the program that has it, or use --port.`);
    const logFile = join(layout.folder, `${name}.log`);
    const child = await spawnServer({ file, args, env, logFile, stopSignal: 'SIGTERM', outlivesUs: true });
    await recordDaemon(layout.folder, name, child.pid);
    for (const deadline = Date.now() + READY_WITHIN_MS; !(await ready()); await pause(100)) {
      if (child.running() && Date.now() < deadline) continue;
      const state = child.running() ? 'it does not answer' : await child.exited;
      await child.end(['SIGTERM', 10_000]);
      throw new Error(`${name} did not start (${state}). The end of ${logFile}:\n${logTail(logFile)}`);
    }
    started.push(name);
  };
  if ((await livingDaemon(layout.folder, server.name)) === undefined) await prepareStores(server, programs, env);
  await launch(server.name, server.port, programs.server, SERVER_ARGUMENTS, () => grpcHealth(server.address, 1_000));
  const uiArgs = ['--root', configuration, '--config', '.', '--env', 'ui', 'start'];
  await launch(uiOf(server), server.uiPort, programs.ui, uiArgs, () => answers(server.uiUrl));
  return started;
}

/** The variables of temporal.env.example and temporal-ui.env.example in deploy/temporal, for this machine. */
function environmentOf(server: ServerLayout, url: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password } = new URL(url);
  return {
    PATH: process.env['PATH'],
    CLUSTER_NAME: server.name,
    FRONTEND_PORT: String(server.port),
    DYNAMIC_CONFIG: join(configuration, 'dynamic.yaml'),
    POSTGRES_HOST: hostname,
    POSTGRES_PORT: port || '5432',
    POSTGRES_USER: decodeURIComponent(username),
    POSTGRES_PASSWORD: decodeURIComponent(password),
    POSTGRES_DATABASE: server.database,
    UI_TEMPORAL_ADDRESS: server.address,
    UI_PORT: String(server.uiPort),
    UI_ORIGIN: server.uiUrl,
  };
}

async function prepareStores(
  { name }: ServerLayout,
  { sqlTool }: ServerPrograms,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const script = join(configuration, 'prepare-stores.sh');
  await promisify(execFile)('sh', [script, sqlTool], { env, timeout: PREPARED_WITHIN_MS }).catch(
    (error: Error & { stdout?: string; stderr?: string }) => {
      const said = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-5).join('\n');
      throw new Error(`The databases of ${name} could not be prepared:\n${said || error.message}`, { cause: error });
    },
  );
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    (response) => response.ok,
    () => false,
  );
}
