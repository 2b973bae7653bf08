import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { logTail, spawnServer, type OnUnaskedEnd } from '../stack/spawn-server';

export interface WorkerProcess {
  readonly pid: number;
  /** Resolves when it takes work; stops it and throws with the end of its log when it does not within a minute. */
  ready(): Promise<void>;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface WorkerProcessOptions {
  /** The executable. Default: this Node. */
  readonly file?: string;
  /** Compiled program, with the arguments for Node before it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Told how the worker ended when nothing here had asked it to. */
  readonly onUnaskedEnd?: OnUnaskedEnd;
}

const READY_WITHIN_MS = 60_000;

/** Starts a worker in a process of its own; resolves when it takes work. Throws with the end of its log when it does not. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const worker = await spawnWorkerProcess(options);
  await worker.ready();
  return worker;
}

/** As the unit and the image have it (deploy/). */
const AS_DEPLOYED = { NODE_ENV: 'production', UV_THREADPOOL_SIZE: '16', MALLOC_MMAP_THRESHOLD_: '1048576' };

/** The same, but for the wait: its servers may be away. */
export async function spawnWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const { file = process.execPath, args, env, logFile, onUnaskedEnd } = options;
  const worker = await spawnServer({
    file,
    args,
    env: { ...process.env, ...AS_DEPLOYED, WORKER_PORT: '0', ...env },
    logFile,
    stopSignal: 'SIGTERM',
    onUnaskedEnd,
  });
  const stop = () => worker.end(['SIGTERM', 30_000]);
  return {
    pid: worker.pid,
    async ready() {
      const deadline = performance.now() + READY_WITHIN_MS;
      while (!readFileSync(logFile, 'utf8').includes('taking work')) {
        if (!worker.running() || performance.now() > deadline) {
          await stop();
          throw new Error(`A worker did not start. The end of its log:\n${logTail(logFile)}`);
        }
        await pause(100);
      }
    },
    stop,
    kill: () => worker.end(['SIGKILL', 10_000]),
  };
}
