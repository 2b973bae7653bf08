import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spawnWorkerProcess, type WorkerProcess } from '../worker-process';
import type { OnUnaskedEnd } from '../../stack/spawn-server';

/** Where a release of the product is, and whether its workers run from dist/ or from source, which starts more slowly. */
export interface Release {
  readonly root: string;
  readonly built: boolean;
}

export interface Workers {
  /** Of those that were started last. */
  readonly pids: readonly number[];
  /** SIGKILL, all at once. */
  kill(): Promise<void>;
  /** SIGKILL, the nth of them. */
  killOne(n: number): Promise<void>;
  /** Starts them; resolves when all take work. */
  start(): Promise<void>;
  /** Starts the nth of them; resolves at once, as its servers may be away. */
  startOne(n: number): Promise<void>;
  /** As many more, with these settings over those of the others; resolves when all take work. */
  startBeside(env: Readonly<Record<string, string>>): Promise<void>;
  /** One after the other is replaced by one of this release: started beside it, then the old one ends in order. */
  replace(release: Release): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** For the logs. */
  readonly folder: string;
  readonly release: Release;
  readonly env: Readonly<Record<string, string>>;
  /** Over these, of the first worker. */
  readonly firstEnv: Readonly<Record<string, string>>;
  /** How far the clock of the first is ahead, in milliseconds. */
  readonly clockShiftMs: number;
  readonly onUnaskedEnd: OnUnaskedEnd;
}

/** How many there are. */
export const WORKERS = 2;

/** Starts the workers, in a process each. */
export async function openWorkers(options: WorkersOptions): Promise<Workers> {
  const { folder, release, env, firstEnv, clockShiftMs, onUnaskedEnd } = options;
  let running: WorkerProcess[] = [];
  const beside: WorkerProcess[] = [];
  let starts = 0;

  async function spawn({ root, built }: Release, n: number, over = {}): Promise<WorkerProcess> {
    const shiftMs = n === 0 ? clockShiftMs : 0;
    starts += 1;
    const fileOf = (name: string): string => join(root, ...(built ? ['dist', `${name}.js`] : [`${name}.ts`]));
    const shift = shiftMs === 0 ? [] : ['--import', pathToFileURL(join(__dirname, 'shifted-clock.mjs')).href];
    return await spawnWorkerProcess({
      args: [...(built ? [] : ['--import', 'tsx']), ...shift, fileOf('workers/main')],
      env: { ...env, ...(n === 0 && firstEnv), CLOCK_SHIFT_MS: String(shiftMs), ...over },
      logFile: join(folder, `worker-${starts}.log`),
      onUnaskedEnd,
    });
  }

  async function startOne(n: number): Promise<void> {
    running[n] = await spawn(release, n);
  }

  async function start(): Promise<void> {
    await Promise.all(Array.from({ length: WORKERS }, (_, n) => startOne(n)));
    const failed = (await Promise.allSettled(running.map((worker) => worker.ready()))).find(isFailed);
    if (failed === undefined) return;
    await end('stop');
    throw failed.reason;
  }

  async function end(how: 'kill' | 'stop'): Promise<void> {
    await Promise.all([...running, ...beside].map((worker) => worker[how]()));
  }

  async function startBeside(over: Readonly<Record<string, string>>): Promise<void> {
    for (let n = 0; n < WORKERS; n++) beside.push(await spawn(release, WORKERS + n, over));
    await Promise.all(beside.map((worker) => worker.ready()));
  }

  async function replace(next: Release): Promise<void> {
    const old = running;
    running = [];
    for (const [n, worker] of old.entries()) {
      running[n] = await spawn(next, n);
      await running[n].ready();
      await worker.stop();
    }
  }

  await start();
  return {
    get pids() {
      return running.map(({ pid }) => pid);
    },
    kill: () => end('kill'),
    killOne: async (n) => running[n]?.kill(),
    start,
    startOne,
    startBeside,
    replace,
    stop: () => end('stop'),
  };
}

const isFailed = (one: PromiseSettledResult<void>): one is PromiseRejectedResult => one.status === 'rejected';
