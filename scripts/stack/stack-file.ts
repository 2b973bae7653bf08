import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { grpcHealth } from './grpc-health';

/** Where `npm start` leaves the addresses of what it runs; `npm run publish-event` reads them there. */
export const STACK_FILE = '.data/stack.json';

export interface RunningStack {
  /** Of the `npm start` that owns the data folder. */
  readonly pid: number;
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Address of the Web UI; null without one. */
  readonly uiUrl: string | null;
  readonly databaseUrl: string;
  /** Where the key of the connections' secrets is; null when SECRETS_KEY was given. */
  readonly secretsKeyFile: string | null;
  /** For events above 256 KiB, as an absolute path. */
  readonly largeEventsDir: string;
  /** Of /healthz, /readyz and /metrics. */
  readonly workerPort: number;
}

/** A start that has its claim but no addresses yet is given this long, in milliseconds. */
const STARTING_FOR_MS = 5 * 60_000;

/**
 * Makes this process the one that may use the data folder, until `release`.
 * Throws when another one runs on it, saying where.
 */
export async function claimStack(file: string = STACK_FILE): Promise<{
  readonly announce: (stack: Omit<RunningStack, 'pid'>) => Promise<void>;
  readonly release: () => Promise<void>;
}> {
  await mkdir(dirname(file), { recursive: true });
  const { pid } = process;
  const write = (to: string, content: object, flag: string): Promise<void> =>
    writeFile(to, `${JSON.stringify(content, undefined, 2)}\n`, { flag, mode: 0o600 });
  const claim = (): Promise<boolean> =>
    write(file, { pid }, 'wx').then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
  if (!(await claim())) {
    const owner = await liveOwner(file);
    if (owner !== undefined) throw new Error(`npm start already runs here (${owner}). Stop it with Ctrl-C first.`);
    await rm(file, { force: true });
    if (!(await claim())) throw new Error('Another npm start began at this moment.');
  }
  return {
    async announce(stack) {
      await write(`${file}.new`, { pid, ...stack }, 'w');
      await rename(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** What `npm start` runs at the moment, from its file; undefined when nothing is up. */
export async function readStack(file: string = STACK_FILE): Promise<RunningStack | undefined> {
  const stack = await read(file);
  const { pid, temporalAddress } = stack ?? {};
  if (pid === undefined || temporalAddress === undefined || !isAlive(pid)) return undefined;
  // Written by `announce`, which takes a whole RunningStack.
  return (await grpcHealth(temporalAddress, 2_000)) ? (stack as RunningStack) : undefined;
}

async function liveOwner(file: string): Promise<string | undefined> {
  const running = await readStack(file);
  if (running !== undefined) return `process ${running.pid}, Web UI ${running.uiUrl ?? 'none'}`;
  const { pid, temporalAddress } = (await read(file)) ?? {};
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  const starting = temporalAddress === undefined && Date.now() - mtimeMs < STARTING_FOR_MS;
  return pid !== undefined && isAlive(pid) && starting ? `process ${pid}, still starting` : undefined;
}

async function read(file: string): Promise<Partial<RunningStack> | undefined> {
  try {
    // Our own file; half of it is possible, hence Partial.
    return JSON.parse(await readFile(file, 'utf8')) as Partial<RunningStack>;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
