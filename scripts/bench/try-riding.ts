import { join } from 'node:path';
import { startStack } from '../stack/start-stack';
import { createCpuReader } from './process-usage';
import { chatEvent, measureFlow, openFlow, singleQueueEvent } from './riding';
import { startWorkerProcess } from './worker-process';
import { openBare, BARE_NAMESPACE } from './sides';
import { runBlock } from './run-block';

async function main() {
  const stack = await startStack({ availableConsumers: ['persistence', 'email', 'webhook'] });
  const profile = process.env['PROFILE'];
  const env = { DATABASE_URL: stack.postgres.url, TEMPORAL_ADDRESS: stack.temporal.address, LOG_LEVEL: process.env['WLOG'] ?? 'info' };
  const worker = await startWorkerProcess({
    args: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), 'dist/workers/main.js'],
    env,
    logFile: '/tmp/ride-worker.log',
  });
  const readCpu = createCpuReader()!;
  const pids = { worker: worker.pid, temporal: stack.temporal.pid ?? 0, postgres: stack.postgres.pid ?? 0 };
  const flow = openFlow(stack.temporal.address);
  const run = async (name: string, make: any, deliveries: number, events: number, outstanding: number) => {
    const before = Object.entries(pids).map(([n, pid]) => [n, readCpu(pid)] as const);
    const own = process.cpuUsage();
    const r = await measureFlow({ ...flow, make, deliveries, events, outstanding });
    const used = before.map(([n, b]) => `${n} ${(((readCpu((pids as any)[n]) - b) * 1000) / events).toFixed(2)}`);
    const mine = process.cpuUsage(own);
    console.log(name, outstanding, r.eventsPerSecond.toFixed(0), 'ev/s', r.workflows, 'wf', 'p50', r.deliveredMs.p50.toFixed(0), 'p99', r.deliveredMs.p99.toFixed(0), '| CPU ms/event', used.join(', '), 'publisher', ((mine.user + mine.system) / 1000 / events).toFixed(2));
  };
  const N = Number(process.env['N'] ?? 6000);
  await run('warm', singleQueueEvent, 1, 1000, 500);
  await run('single-queue', singleQueueEvent, 1, N, 2000);
  await run('single-queue', singleQueueEvent, 1, N, 2000);
  await run('single-queue', singleQueueEvent, 1, 2000, 50);
  await run('chat', () => chatEvent('10001'), 1, N / 2, 2000);
  await run('chat', () => chatEvent('10001'), 1, 300, 50);
  await run('one', singleQueueEvent, 1, 100, 1);
  if (process.env['BARE']) {
    const bareWorker = await startWorkerProcess({ args: ['dist/scripts/bench/bare-worker.js'], env: { ...env, TEMPORAL_NAMESPACE: BARE_NAMESPACE, SWEEP_EVERY_SECONDS: '9999999' }, logFile: '/tmp/bare.log' });
    const bare = openBare(stack.temporal.address);
    await runBlock(bare, { events: 100, inFlight: 50 });
    const b = await runBlock(bare, { events: 300, inFlight: 50 });
    console.log('bare', b.eventsPerSecond.toFixed(1));
    await bare.close();
    await bareWorker.stop();
  }
  await flow.close();
  await worker.stop();
  await stack.stop();
}
main().catch((e) => { console.error(e); process.exit(1); });
