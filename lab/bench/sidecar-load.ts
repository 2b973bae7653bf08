/**
 * What the sidecar takes while every cluster is down, beside a loop of `publish` with a journal: each in a process of its own, one after the
 * other on the same disk. Run it with `npx tsx lab/bench/sidecar-load.ts`, after `npm run build`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatTokens, makeToken } from '../../ingress/token-file';
import { freePort } from '../../stack/free-port';
import { runCommand } from '../../stack/run-command';
import { spawnServer } from '../../stack/spawn-server';
import { number, runCommandLine } from '../command-line';
import { singleQueueEvent } from '../make-events';
import { createCpuReader, residentMegabytes } from '../process-usage';

const USAGE = `npx tsx lab/bench/sidecar-load.ts [--seconds N] [--connections N] [--batch N] [--memory N]

  --seconds N      of each part; default 15
  --connections N  requests, or calls of publish, at once; default 64
  --batch N        events of a request with lines of JSON; default 100
  --memory N       then send so many requests and look at the memory; default 0`;

interface Options {
  readonly seconds: number;
  readonly connections: number;
  readonly batch: number;
  readonly memory: number;
}

/** What autocannon prints of a run; what is read of it. */
interface Result {
  readonly requests: { readonly average: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly '2xx': number;
  readonly non2xx: number;
  readonly errors: number;
}

async function main({ seconds, connections, batch, memory }: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-sidecar-load-'));
  const loop = async (perSecond: number): Promise<LoopResult> => {
    const args = [join(folder, `loop-${perSecond}`), String(seconds), String(connections), String(perSecond)];
    const { code, output } = await runCommand(['node', '--import', 'tsx', join(__dirname, 'publish-loop.ts'), ...args]);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output) as LoopResult; // as it prints it
  };
  const byLoop = await loop(0);
  console.log(`publish         ${byLoop.perSecond.toFixed(0)} events/s, ${byLoop.cpuMs.toFixed(3)} ms of CPU each`);
  const sidecar = await startSidecar(folder);
  try {
    const { data, type } = singleQueueEvent(0);
    const one = `{"type":"${type}","id":"[<id>]","data":${JSON.stringify(data)}}`;
    const readCpu = createCpuReader();
    const send = async (...args: string[]): Promise<Run> => {
      const before = readCpu?.(sidecar.pid) ?? 0;
      const result = await cannon(sidecar, ['--connections', String(connections), ...args]);
      const cpuMs = 1000 * ((readCpu?.(sidecar.pid) ?? NaN) - before);
      return { ...result, cpuMs: cpuMs / result['2xx'] };
    };
    const single = await send('--duration', String(seconds), '--body', one);
    const rate = single.requests.average;
    console.log(
      `single events   ${rate.toFixed(0)} events/s, ${share(rate, byLoop)}, ${single.cpuMs.toFixed(3)} ms of CPU each; ${shown(single)}`,
    );
    const half = Math.floor(rate / 2);
    const [atHalf, loopAtHalf] = [
      await send('--duration', String(seconds), '--overallRate', String(half), '--body', one),
      await loop(half),
    ];
    console.log(`at ${half}/s       p99 ${atHalf.latency.p99} ms, publish ${loopAtHalf.p99.toFixed(1)} ms`);
    const lines = Array(batch).fill(one).join('\n');
    const batches = await send(
      '--duration',
      String(seconds),
      '--headers',
      'content-type=application/x-ndjson',
      '--body',
      lines,
    );
    const inBatches = batches.requests.average * batch;
    console.log(
      `batches of ${batch}  ${inBatches.toFixed(0)} events/s, ${share(inBatches, byLoop)}, ${(batches.cpuMs / batch).toFixed(3)} ms of CPU each; ${shown(batches)}`,
    );
    if (memory > 0) await watchMemory(memory, sidecar.pid, (amount) => send('--amount', String(amount), '--body', one));
  } finally {
    await sidecar.kill();
    await rm(folder, { recursive: true });
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

async function startSidecar(folder: string): Promise<Sidecar> {
  const port = await freePort();
  const { token, stored } = makeToken({ name: 'load', sites: '*' });
  await writeFile(join(folder, 'tokens.json'), formatTokens([stored]));
  const server = await spawnServer({
    file: process.execPath,
    args: ['dist/ingress/main.js'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
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

async function watchMemory(requests: number, pid: number, send: (amount: number) => Promise<unknown>): Promise<void> {
  const STEPS = 10;
  for (let step = 1; step <= STEPS; step++) {
    await send(Math.ceil(requests / STEPS));
    console.log(`after ${(requests * step) / STEPS} requests  ${residentMegabytes(pid)?.toFixed(0)} MB`);
  }
}

runCommandLine(
  USAGE,
  { seconds: number(15), connections: number(64), batch: number(100), memory: number(0, { least: 0 }) },
  main,
);
