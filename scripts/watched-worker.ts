import { setTimeout as pause } from 'node:timers/promises';
import { readInstallation } from '../db/installation';
import { createPool } from '../db/pool';
import { onPool } from '../db/tx';
import type { RunningWorker } from '../workers/start-worker';
import { spawnServer } from '../stack/spawn-server';

const WITHIN_MS = 60_000;
/** tsx ends a process that takes longer than five seconds. */
const GRACE_SECONDS = 3;

/** The worker, as `npm start` watches it. */
export interface LocalWorker extends Pick<RunningWorker, 'port' | 'installation' | 'done' | 'stop'> {
  /** Resolves when it takes work, or once it has been waited for long enough. */
  readonly served: Promise<void>;
}

/**
 * A worker as a process of its own, from source: it starts again when one of its files changes, which the code of workflows is, too.
 * A start that fails is in its log, and the next change starts it again.
 */
export async function startWatchedWorker(env: NodeJS.ProcessEnv, port: number, logFile: string): Promise<LocalWorker> {
  const watch = ['watch', '--clear-screen=false', '--include', 'workflows/**/*.ts', 'workers/main.ts'];
  const server = await spawnServer({
    file: process.execPath,
    args: [require.resolve('tsx/cli'), ...watch],
    env: { ...process.env, SHUTDOWN_GRACE_SECONDS: String(GRACE_SECONDS), ...env, WORKER_PORT: String(port) },
    logFile,
    stopSignal: 'SIGTERM',
  });
  const pool = createPool(env['DATABASE_URL'] ?? '', { max: 1 });
  const installation = await readInstallation(onPool(pool));
  await pool.end();
  return {
    port,
    installation: () => installation,
    served: untilReady(`http://127.0.0.1:${port}/readyz`),
    done: server.exited.then((how) => {
      throw new Error(`The process that watches the worker's files has ended (${how}); see ${logFile}.`);
    }),
    stop: () => server.end(['SIGTERM', (GRACE_SECONDS + 4) * 1000]),
  };
}

async function untilReady(url: string): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (performance.now() < end) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok === true) return;
    await pause(200);
  }
}
