/**
 * Events per second of the sidecar while every cluster is down, beside a loop of `publish` with a journal: each in a process of its own, one after the
 * other on the same disk; or its memory, over many requests. Run it with `npx tsx lab/bench/sidecar-load.ts`, after `npm run build`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatTokens, makeToken } from '../../ingress/token-file';
import { freePort } from '../../stack/free-port';
import { runCommand } from '../../stack/run-command';
import { spawnServer } from '../../stack/spawn-server';
import { startStack } from '../../stack/start-stack';
import { flag, number, runCommandLine } from '../command-line';
import { singleQueueEvent } from '../make-events';
import { createCpuReader, residentMegabytes } from '../process-usage';
import { startWorkerProcess } from '../worker-process';

const USAGE = `npx tsx lab/bench/sidecar-load.ts [--seconds N] [--connections N] [--batch N] [--memory N [--up]]

  --seconds N      of each part; default 15
  --connections N  requests, or calls of publish, at once; default 64
  --batch N        events of a request with lines of JSON; default 100
  --memory N       instead, send so many requests and look at the memory after each tenth; default 0
  --up             a cluster, a database and a worker take the events, and have them before each look`;

interface Options {
  readonly seconds: number;
  readonly connections: number;
  readonly batch: number;
  readonly memory: number;
  readonly up: boolean;
}

/** The fields that are read of autocannon's output. */
interface Result {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
}

async function main({ up, ...options }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-sidecar-load-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true })];
  try {
    const temporalAddress = up ? await startTakers(folder, closers) : `127.0.0.1:${await freePort()}`;
    if (options.memory === 0) return await compareWithLoop(options, folder, temporalAddress);
    const sidecar = await startSidecar(folder, temporalAddress);
    closers.push(() => sidecar.kill());
    await watchMemory(options, sidecar);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

/** @returns the cluster's address */
async function startTakers(folder: string, closers: (() => Promise<unknown>)[]): Promise<string> {
  const stack = await startStack({ availableConsumers: ['persistence'] });
  closers.push(() => stack.stop());
  const worker = await startWorkerProcess({
    args: ['dist/workers/main.js'],
    env: { DATABASE_URL: stack.postgres.url, TEMPORAL_ADDRESS: stack.temporal.address },
    logFile: join(folder, 'worker.log'),
  });
  closers.push(() => worker.stop());
  return stack.temporal.address;
}

const { data, type } = singleQueueEvent(0);
const ONE = `{"type":"${type}","id":"[<id>]","data":${JSON.stringify(data)}}`;

async function compareWithLoop(
  { seconds, connections, batch }: Omit<Options, 'up'>,
  folder: string,
  temporalAddress: string,
): Promise<void> {
  const loop = async (perSecond: number): Promise<LoopResult> => {
    const args = [join(folder, `loop-${perSecond}`), String(seconds), String(connections), String(perSecond)];
    const { code, output } = await runCommand(['node', '--import', 'tsx', join(__dirname, 'publish-loop.ts'), ...args]);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output) as LoopResult; // as it prints it
  };
  const byLoop = await loop(0);
  console.log(`publish         ${byLoop.perSecond.toFixed(0)} events/s, ${byLoop.cpuMs.toFixed(3)} ms of CPU each`);
  const sidecar = await startSidecar(folder, temporalAddress);
  try {
    const readCpu = createCpuReader();
    const send = async (...args: string[]): Promise<Run> => {
      const before = readCpu?.(sidecar.pid) ?? 0;
      const result = await cannon(sidecar, ['--connections', String(connections), ...args]);
      const cpuMs = 1000 * ((readCpu?.(sidecar.pid) ?? NaN) - before);
      return { ...result, cpuMs: cpuMs / result['2xx'] };
    };
    await send('--duration', '1', '--body', ONE); // as the loop, which loads its modules before it counts
    const single = await send('--duration', String(seconds), '--body', ONE);
    const rate = single.requests.average;
    console.log(
      `single events   ${rate.toFixed(0)} events/s, ${share(rate, byLoop)}, ${single.cpuMs.toFixed(3)} ms of CPU each; ${shown(single)}`,
    );
    const half = Math.floor(rate / 2);
    const [atHalf, loopAtHalf] = [
      await send('--duration', String(seconds), '--overallRate', String(half), '--body', ONE),
      await loop(half),
    ];
    console.log(`at ${half}/s       p99 ${atHalf.latency.p99} ms, publish ${loopAtHalf.p99.toFixed(1)} ms`);
    const [form, lines] = ['content-type=application/x-ndjson', Array(batch).fill(ONE).join('\n')];
    const batches = await send('--duration', String(seconds), '--headers', form, '--body', lines);
    const inBatches = batches.requests.average * batch;
    console.log(
      `batches of ${batch}  ${inBatches.toFixed(0)} events/s, ${share(inBatches, byLoop)}, ${(batches.cpuMs / batch).toFixed(3)} ms of CPU each; ${shown(batches)}`,
    );
  } finally {
    await sidecar.kill();
  }
}

/** With the sidecar's milliseconds of CPU for each accepted request. */
interface Run extends Result {
  readonly cpuMs: number;
}

export interface LoopResult {
  readonly perSecond: number;
  /** Milliseconds of CPU for each event. */
  readonly cpuMs: number;
  readonly p99: number;
}

const share = (rate: number, { perSecond }: LoopResult): string =>
  `${((100 * rate) / perSecond).toFixed(0)} % of publish`;

const shown = (result: Result): string =>
  `p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms; ${result.non2xx} refused, ${result.errors} errors`;

interface Sidecar {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  kill(): Promise<void>;
}

async function startSidecar(folder: string, temporalAddress: string): Promise<Sidecar> {
  const port = await freePort();
  const { token, stored } = makeToken({ name: 'load', sites: '*' });
  await writeFile(join(folder, 'tokens.json'), formatTokens([stored]));
  const server = await spawnServer({
    file: process.execPath,
    args: ['dist/ingress/main.js'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      TEMPORAL_ADDRESS: temporalAddress,
      INGRESS_PORT: String(port),
      INGRESS_TOKENS_FILE: join(folder, 'tokens.json'),
      JOURNAL_DIR: join(folder, 'sidecar'),
      JOURNAL_MAX_BYTES: String(20 * 1024 ** 3),
    },
    logFile: join(folder, 'sidecar.log'),
    stopSignal: 'SIGTERM',
  });
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp()))
    if (!server.running()) throw new Error('The sidecar did not start; run "npm run build" first.');
  return { url, token, pid: server.pid, kill: () => server.end(['SIGKILL', 10_000]) };
}

async function cannon({ url, token }: Sidecar, args: readonly string[]): Promise<Result> {
  const headers = ['--headers', `authorization=Bearer ${token}`, '--headers', 'content-type=application/json'];
  const common = ['--json', '--no-progress', '--idReplacement', '--method', 'POST', ...headers];
  const { output } = await runCommand(['autocannon', ...common, ...args, `${url}/v1/events`]);
  const [json] = /\{.*\}/s.exec(output) ?? [output];
  return JSON.parse(json) as Result; // as it prints it
}

async function watchMemory({ memory, connections }: Omit<Options, 'up'>, sidecar: Sidecar): Promise<void> {
  const STEPS = 10;
  for (let step = 1; step <= STEPS; step++) {
    const amount = String(Math.ceil(memory / STEPS));
    const { requests } = await cannon(sidecar, [
      '--connections',
      String(connections),
      '--amount',
      amount,
      '--body',
      ONE,
    ]);
    const waiting = await untilFewWait(sidecar);
    const megabytes = residentMegabytes(sidecar.pid)?.toFixed(0);
    console.log(
      `after ${(memory * step) / STEPS} requests  ${megabytes} MB, ${waiting} events in the journal, ${requests.average.toFixed(0)} requests/s`,
    );
  }
}

/** @returns how many events its journal has, once it has none, or no fewer than some seconds before: no cluster takes them */
async function untilFewWait({ url }: Sidecar): Promise<number> {
  const LOOK_EVERY_MS = 15_000;
  for (let before = Infinity; ;) {
    const { journal } = (await (await fetch(`${url}/readyz`)).json()) as { journal: { entries: number } }; // as the sidecar answers
    if (journal.entries === 0 || journal.entries >= before) return journal.entries;
    before = journal.entries;
    await pause(LOOK_EVERY_MS);
  }
}

runCommandLine(
  USAGE,
  { seconds: number(15), connections: number(64), batch: number(100), memory: number(0, { least: 0 }), up: flag },
  main,
);
