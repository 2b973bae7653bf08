import { join } from 'node:path';
import { startWorkerProcess, type WorkerProcess } from '../bench/worker-process';

export interface Workers {
  /** SIGKILL, all at once. */
  kill(): Promise<void>;
  /** Starts them; resolves when all take work. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkersOptions {
  /** For the logs. */
  readonly folder: string;
  /** True: from dist/. */
  readonly built: boolean;
  readonly env: Readonly<Record<string, string>>;
  /** How far the clock of the first is ahead, in milliseconds. */
  readonly clockShiftMs: number;
}

const WORKERS = 2;

/** Starts the workers, in a process each. */
export async function openWorkers({ folder, built, env, clockShiftMs }: WorkersOptions): Promise<Workers> {
  let running: readonly WorkerProcess[] = [];
  let starts = 0;

  async function start(): Promise<void> {
    starts += 1;
    const starting = Array.from({ length: WORKERS }, (_, n) => {
      const shift = n === 0 && clockShiftMs !== 0 ? ['--import', fileOf('scripts/drill/shifted-clock')] : [];
      return startWorkerProcess({
        args: [...(built ? [] : ['--import', 'tsx']), ...shift, fileOf('workers/main')],
        env: { ...env, CLOCK_SHIFT_MS: String(clockShiftMs) },
        logFile: join(folder, `worker-${n}-${starts}.log`),
      });
    });
    const started = await Promise.allSettled(starting);
    running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed === undefined) return;
    await end('stop');
    throw failed.reason;
  }

  async function end(how: 'kill' | 'stop'): Promise<void> {
    await Promise.all(running.map((worker) => worker[how]()));
    running = [];
  }

  const root = join(__dirname, '..', '..');
  const fileOf = (name: string): string => join(root, ...(built ? ['dist', `${name}.js`] : [`${name}.ts`]));

  await start();
  return { kill: () => end('kill'), start, stop: () => end('stop') };
}
