import { setTimeout as pause } from 'node:timers/promises';
import type { RunningWorker } from '../workers/start-worker';

const WITHIN_MS = 30_000;

/** Resolves when the worker takes work from each of its clusters; after half a minute one cluster is enough. */
export async function allServed(worker: RunningWorker): Promise<void> {
  await worker.ready;
  const end = performance.now() + WITHIN_MS;
  while (Object.values(worker.readiness().clusters).some(({ ready }) => !ready) && performance.now() < end) {
    await pause(50);
  }
}
