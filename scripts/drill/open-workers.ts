import { join } from 'node:path';
import { startWorkerProcess, type WorkerProcess } from '../bench/worker-process';

/** Where a release of the product is, and whether its workers run from dist/ or from source, which starts more slowly. */
export interface Release {
  readonly root: string;
  readonly built: boolean;
}

export interface Workers {
  /** SIGKILL, all at once. */
  kill(): Promise<void>;
  /** Starts them; resolves when all take work. */
  start(): Promise<void>;
  /** One after the other is replaced by one of this release: started beside it, then the old one ends in order. */
  replace(release: Release): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** For the logs. */
  readonly folder: string;
  readonly release: Release;
  readonly env: Readonly<Record<string, string>>;
  /** How far the clock of the first is ahead, in milliseconds. */
  readonly clockShiftMs: number;
}

const WORKERS = 2;

/** Starts the workers, in a process each. */
export async function openWorkers({ folder, release, env, clockShiftMs }: WorkersOptions): Promise<Workers> {
  let running: WorkerProcess[] = [];
  let starts = 0;

  async function startOne({ root, built }: Release, shiftMs = 0): Promise<void> {
    starts += 1;
    const fileOf = (name: string): string => join(root, ...(built ? ['dist', `${name}.js`] : [`${name}.ts`]));
    const shift = shiftMs === 0 ? [] : ['--import', fileOf('scripts/drill/shifted-clock')];
    const worker = await startWorkerProcess({
      args: [...(built ? [] : ['--import', 'tsx']), ...shift, fileOf('workers/main')],
      env: { ...env, CLOCK_SHIFT_MS: String(shiftMs) },
      logFile: join(folder, `worker-${starts}.log`),
    });
    running.push(worker);
  }

  async function start(): Promise<void> {
    const starting = Array.from({ length: WORKERS }, (_, n) => startOne(release, n === 0 ? clockShiftMs : 0));
    const failed = (await Promise.allSettled(starting)).find((one) => one.status === 'rejected');
    if (failed === undefined) return;
    await end('stop');
    throw failed.reason;
  }

  async function end(how: 'kill' | 'stop'): Promise<void> {
    const ending = running;
    running = [];
    await Promise.all(ending.map((worker) => worker[how]()));
  }

  async function replace(next: Release): Promise<void> {
    for (const old of running.splice(0)) {
      await startOne(next);
      await old.stop();
    }
  }

  await start();
  return { kill: () => end('kill'), start, replace, stop: () => end('stop') };
}
