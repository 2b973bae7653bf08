import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { livesSince, startOfProcess } from './living-process';

/** File in which `npm start` writes the addresses of its servers; `npm run publish-event` and `ops` read them. */
export const STACK_FILE = '.data/stack.json';

export interface RunningCluster {
  readonly name: string;
  /** Frontend, `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Address of the Web UI; null without one. */
  readonly uiUrl: string | null;
}

export interface RunningStack {
  /** Of the `npm start` that owns the data folder. */
  readonly pid: number;
  /** When that process began, where the system tells: a pid may be given to another one later. */
  readonly processStart?: string;
  /** In the order of preference of a publisher on this machine. */
  readonly clusters: readonly RunningCluster[];
  /** The id of the installation. */
  readonly installation?: string;
  readonly databaseUrl: string;
  /** Where the key of the connections' secrets is; null when SECRETS_KEY was given. */
  readonly secretsKeyFile: string | null;
  /** For events above 256 KiB, as an absolute path. */
  readonly largeEventsDir: string;
  /** ALLOWED_ADDRESSES of its worker, where set. */
  readonly allowedAddresses?: string;
  /** Of /healthz, /readyz and /metrics. */
  readonly workerPort: number;
  /** Absent in a file of an earlier version. */
  readonly sidecar?: {
    /** Such as `http://127.0.0.1:8787`. */
    readonly url: string;
    /** As an absolute path. */
    readonly tokensFile: string;
  };
}

/** Milliseconds for which a file without a pid counts as being written; after that its writer was killed meanwhile. */
const WRITTEN_WITHIN_MS = 5_000;

/**
 * Makes this process the one that may use the data folder, until `release`.
 * Throws when another one runs on it, saying where.
 */
export async function claimStack(file: string = STACK_FILE): Promise<{
  readonly announce: (stack: Omit<RunningStack, 'pid' | 'processStart'>) => Promise<void>;
  readonly release: () => Promise<void>;
}> {
  await mkdir(dirname(file), { recursive: true });
  const { pid } = process;
  const processStart = await startOfProcess(pid);
  const owner = { pid, ...(processStart !== undefined && { processStart }) };
  const write = (to: string, content: object, flag: string): Promise<void> =>
    writeFile(to, `${JSON.stringify(content, undefined, 2)}\n`, { flag, mode: 0o600 });
  const claim = (): Promise<boolean> =>
    write(file, owner, 'wx').then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
  if (!(await claim())) {
    const other = await liveOwner(file);
    if (other !== undefined) throw new Error(`npm start already runs here (${other}). Stop it with Ctrl-C first.`);
    await rm(file, { force: true });
    if (!(await claim()))
      throw new Error('Another npm start began on this folder at this moment. Use that one, or stop it.');
  }
  return {
    async announce(stack) {
      await write(`${file}.new`, { ...owner, ...stack }, 'w');
      await rename(`${file}.new`, file);
    },
    release: () => rm(file, { force: true }),
  };
}

/**
 * The servers of the running `npm start`, from its file; undefined when none runs. Only its process is looked at: a caller finds out by
 * itself that one of the servers hangs.
 */
export async function readStack(file: string = STACK_FILE): Promise<RunningStack | undefined> {
  const stack = await read(file);
  const { pid, processStart, clusters } = stack ?? {};
  if (pid === undefined || clusters === undefined) return undefined;
  // Written by `announce`, which takes a whole RunningStack.
  return (await livesSince(pid, processStart)) ? (stack as RunningStack) : undefined;
}

/** The same clusters as a worker's environment names them. */
export function clusterVariables({
  clusters: [main, standby],
}: Pick<RunningStack, 'clusters'>): Record<string, string> {
  return {
    ...(main && {
      TEMPORAL_ADDRESS: main.address,
      TEMPORAL_NAMESPACE: main.namespace,
      TEMPORAL_CLUSTER_NAME: main.name,
    }),
    ...(standby && {
      TEMPORAL_STANDBY_ADDRESS: standby.address,
      TEMPORAL_STANDBY_NAMESPACE: standby.namespace,
      TEMPORAL_STANDBY_CLUSTER_NAME: standby.name,
    }),
  };
}

async function liveOwner(file: string): Promise<string | undefined> {
  const { pid, processStart, clusters } = (await read(file)) ?? {};
  if (pid === undefined) {
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
    return Date.now() - mtimeMs < WRITTEN_WITHIN_MS ? 'still starting' : undefined;
  }
  if (!(await livesSince(pid, processStart))) return undefined;
  return `process ${pid}, ${clusters === undefined ? 'still starting' : `Web UI ${clusters[0]?.uiUrl ?? 'none'}`}`;
}

async function read(file: string): Promise<Partial<RunningStack> | undefined> {
  try {
    // This program wrote the file; it may be half written, hence Partial.
    return JSON.parse(await readFile(file, 'utf8')) as Partial<RunningStack>;
  } catch {
    return undefined;
  }
}
