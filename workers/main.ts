import { readConfig } from './config';
import { InvalidConfiguration } from './read-environment';
import { WrongCluster } from './ensure-cluster';
import { startTracing } from './start-tracing';
import { startWorker } from './start-worker';

/** The worker process: until SIGTERM or SIGINT, which finish the tasks in flight. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const worker = await startWorker(config, { tracing: await startTracing(process.env) });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void worker.stop().catch(() => {}));
  await worker.done; // rejects with the reason when the worker cannot go on
  process.exit(0); // the SDK would wait longer for a silent cluster than a stop may take
}

main().catch((error: unknown) => {
  const known = error instanceof InvalidConfiguration || error instanceof WrongCluster;
  const taken = (error as { code?: unknown } | null)?.code === 'EADDRINUSE';
  if (taken) console.error('WORKER_PORT is taken on this machine. Set another one, or 0 for any that is free.');
  else console.error(known ? error.message : error);
  process.exit(1); // the SDK's threads would keep a process alive that does nothing
});
