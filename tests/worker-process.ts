import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../stack/free-port';
import type { WorkerConfig } from '../workers/config';
import { compiled } from './compiled';

/** A worker in a process of its own, so that a test can end it as the system would. */
export async function startWorkerProcess(
  environment: Partial<Record<keyof WorkerConfig, string>>,
): Promise<ChildProcess> {
  const port = await freePort();
  const env = { ...process.env, LOG_LEVEL: 'error', ...environment, WORKER_PORT: String(port) };
  const worker = spawn(process.execPath, [compiled('workers/main')], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  while (worker.exitCode === null && !(await isReady(port))) await new Promise((resolve) => setTimeout(resolve, 100));
  if (worker.exitCode !== null) throw new Error(`The worker ended with ${worker.exitCode} before it was ready.`);
  return worker;
}

/** Sends the signal and waits for the end. */
export async function endWorkerProcess(worker: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  if (worker.exitCode === null && worker.signalCode === null) {
    const ended = once(worker, 'exit');
    worker.kill(signal);
    await ended;
  }
  return worker.exitCode;
}

async function isReady(port: number): Promise<boolean> {
  return await fetch(`http://127.0.0.1:${port}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}
