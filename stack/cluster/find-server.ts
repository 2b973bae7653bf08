import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Programs of the pinned Temporal server, by their paths. */
export interface ServerPrograms {
  readonly server: string;
  readonly sqlTool: string;
  readonly ui: string;
}

const ROLES = ['frontend', 'internal-frontend', 'history', 'matching', 'worker'];

/** Arguments of the server, with all roles in one process; its environment is that of deploy/temporal/temporal.env.example. */
export const SERVER_ARGUMENTS: readonly string[] = [
  '--config-file',
  join('deploy', 'temporal', 'temporal.yaml'),
  '--allow-no-auth',
  'start',
  ...ROLES.flatMap((role) => ['--service', role]),
];

const setup = join('scripts', 'setup.mjs');

/** Where they are; undefined when they have not been built (`scripts/setup.mjs` alone knows where to look). */
export async function findServer(): Promise<ServerPrograms | undefined> {
  return await promisify(execFile)(process.execPath, [setup, '--find-server']).then(
    ({ stdout }) => programsIn(stdout),
    () => undefined,
  );
}

/** Builds the missing ones, with progress on standard error. Throws when set-up could not; set-up has printed the reason. */
export async function buildServer(): Promise<ServerPrograms> {
  const child = spawn(process.execPath, [setup, '--build-server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let folder = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (folder += text));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0)
    throw new Error('There is no Temporal server to start: set-up could not build it, for the reason above.');
  return programsIn(folder);
}

function programsIn(printed: string): ServerPrograms {
  const folder = printed.trim();
  return {
    server: join(folder, 'temporal-server'),
    sqlTool: join(folder, 'temporal-sql-tool'),
    ui: join(folder, 'temporal-ui-server'),
  };
}
