import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { logTail, spawnServer } from '../stack/spawn-server';

export interface WorkerProcess {
  readonly pid: number;
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

export interface WorkerProcessOptions {
  /** Compiled program, with the arguments for Node before it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

const READY_WITHIN_MS = 60_000;

/** Starts a worker in a process of its own; resolves when it takes work. Throws with the end of its log when it does not. */
export async function startWorkerProcess({ args, env, logFile }: WorkerProcessOptions): Promise<WorkerProcess> {
  const worker = await spawnServer({
    file: process.execPath,
    args,
    env: { ...process.env, NODE_ENV: 'production', WORKER_PORT: '0', ...env },
    logFile,
    stopSignal: 'SIGTERM',
  });
  const stop = () => worker.end(['SIGTERM', 30_000]);
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!readFileSync(logFile, 'utf8').includes('taking work')) {
    if (!worker.running() || performance.now() > deadline) {
      await stop();
      throw new Error(`A worker did not start. The end of its log:\n${logTail(logFile)}`);
    }
    await pause(100);
  }
  return { pid: worker.pid, stop, kill: () => worker.end(['SIGKILL', 10_000]) };
}
