/**
 * `npm run bench`: the cost of the product, compared with a bare workflow of the same steps on the same servers in the same run.
 * Exit code 0 only if every published event is found in the table that it belongs to.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { createPool } from '../../db/pool';
import { onPool } from '../../db/tx';
import { runCommand } from '../../stack/run-command';
import { startStack, type Stack } from '../../stack/start-stack';
import { flag, number, oneOf, runCommandLine, text } from '../command-line';
import { describeMachine } from '../describe-machine';
import { createCpuReader, residentMegabytes } from '../process-usage';
import { findEffects } from '../queries/effects';
import { startWorkerProcess } from '../worker-process';
import { compare, type Pair } from './compare';
import { latencyLines, printReport, throughputLines, type Memory, type Report } from './report';
import { runBlock } from './run-block';
import { measureLargeEvents } from './large-events';
import { measureJournal } from './journal';
import { measureBatches } from './batches';
import { peers } from './peers/all-peers';
import { KINDS, WAYS } from './peers/measure-peers';
import { PRODUCT } from './peers/product';
import { measureSeveral } from './several-consumers';
import { runSolo, SOLO_PARTS } from './run-solo';
import { BARE_NAMESPACE, eventBytes, openBare, openProduct, type Side } from './sides';

const PARTS = ['alone', 'memory', 'batches', 'three', 'six', 'journal', 'large', ...SOLO_PARTS] as const;
type Part = (typeof PARTS)[number];
const SYSTEMS = [PRODUCT, ...Object.keys(peers)];

const USAGE = `npm run bench -- [--json] [--only PART,...] [--events N] [--pairs N] [--batches N] [--profile FOLDER]

  --json            print the report as JSON, and nothing else, on standard output
  --only PART,...   of ${PARTS.join(', ')}: events that travel alone; the worker's memory;
                    events in batches; three and six consumers for each event; the journal's cost at a disk;
                    the worker's memory beside large events; and, if it is named, and each alone,
                    peers: the product beside other systems; growth: the cost beside a long history
  --pairs N         alone: pairs of timed blocks, of 250 events at 50 in flight and 100 at 1 in flight; default 4
  --events N        memory: events; default 10000
  --batches N       batches: events of the run with 2,000 outstanding; default 20000
  --profile FOLDER  write CPU profiles of the product's worker there, for lab/bench/summarise-profile.ts
  --systems NAME,...      peers: of ${SYSTEMS.join(', ')}
  --kinds KIND,...        peers: plain, as its documentation begins; safe, with atomic fan-out and nothing twice
  --modes MODE,...        peers: single, job by job; lists. The product is always measured; default both
  --consumers N,...       peers: of 1, 6 for each event
  --outstanding N,...     peers: of 1, 50, 2000 events that are published and not yet delivered
  --rounds N              peers: each measures all in another order; default 3
  --seconds N             peers, growth: events are published for so long at each load; default 5
  --histories N,...       growth: of 1000, 100000, 1000000, 10000000 events of history; default without the last
  --chart FILE            peers: write a chart of the events per second, as SVG`;

const IN_FLIGHT = 50;
const WARM_UP = 200;

interface Options {
  readonly json: boolean;
  readonly only: readonly Part[];
  readonly events: number;
  readonly pairs: number;
  readonly batches: number;
  readonly profile: string | undefined;
  readonly systems: readonly string[];
  readonly kinds: readonly (typeof KINDS)[number][];
  readonly modes: readonly (typeof WAYS)[number][];
  readonly consumers: readonly string[];
  readonly outstanding: readonly string[];
  readonly histories: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly chart: string | undefined;
}

type Say = (text: string) => void;

async function main(options: Options): Promise<void> {
  const { json, profile } = options;
  const say: Say = (line) => (json ? console.error(line) : console.log(line));
  say('Building the workers ...');
  const built = await runCommand(['tsx', 'scripts/build.ts']);
  if (built.code !== 0) throw new Error(built.output);
  const solo = SOLO_PARTS.find((part) => options.only.includes(part));
  if (solo !== undefined) {
    if (options.only.length > 1) throw new Error(`--only ${solo} goes without other parts.`);
    const [consumers, outstanding] = [options.consumers.map(Number), options.outstanding.map(Number)];
    const histories = options.histories.map(Number);
    return await runSolo(solo, { ...options, consumers, outstanding, histories, say });
  }
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-bench-'));
  say(`Starting PostgreSQL, Temporal and two workers on temporary data; their logs are in ${folder} ...`);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const stack = await startStack({ availableConsumers: ['persistence', 'email', 'webhook'] });
    closers.push(() => stack.stop());
    const secretsKey = newSecretsKey();
    const env = { DATABASE_URL: stack.postgres.url, TEMPORAL_ADDRESS: stack.temporal.address };
    const worker = await startWorkerProcess({
      args: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), 'dist/workers/main.js'],
      env: {
        ...env,
        SECRETS_KEY: secretsKey,
        ALLOWED_ADDRESSES: '127.0.0.1',
        LARGE_EVENTS_DIR: stack.largeEventsDir,
      },
      logFile: join(folder, 'worker.log'),
    });
    closers.push(() => worker.stop());
    const never = String(365 * 24 * 3600);
    const bareWorker = await startWorkerProcess({
      args: ['--import', 'tsx', join(__dirname, 'bare-worker.ts')],
      env: { ...env, TEMPORAL_NAMESPACE: BARE_NAMESPACE, SWEEP_EVERY_SECONDS: never },
      logFile: join(folder, 'bare-worker.log'),
    });
    closers.push(() => bareWorker.stop());
    const product = openProduct(stack.temporal.address);
    const bare = openBare(stack.temporal.address);
    closers.push(() => Promise.all([product.close(), bare.close()]));
    const report = await measure(options, {
      stack,
      product,
      bare,
      workers: { product: worker.pid, bare: bareWorker.pid },
      secretsKey,
      folder,
      say,
    });
    console.log(json ? JSON.stringify(report, undefined, 2) : `\n${printReport(report)}`);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  await rm(folder, { recursive: true, force: true });
}

interface Parts {
  readonly stack: Stack;
  readonly product: Side;
  readonly bare: Side;
  readonly workers: Readonly<Record<'product' | 'bare', number>>;
  readonly secretsKey: string;
  readonly folder: string;
  readonly say: Say;
}

async function measure(
  { only, events, pairs, batches }: Options,
  { stack, product, bare, workers, secretsKey, folder, say }: Parts,
): Promise<Report> {
  const readCpu = createCpuReader();
  const servers = { temporal: stack.temporal.pid ?? 0, postgres: stack.postgres.pid ?? 0 };
  const pids = { product: { worker: workers.product, ...servers }, bare: { worker: workers.bare, ...servers } };
  const workerPid = workers.product;
  const sides = { product, bare, pids, readCpu, say };
  const part = async <T>(name: Part, work: () => Promise<T>): Promise<T | null> =>
    only.includes(name) ? await work() : null;
  const alone = await part('alone', async () => {
    say(`Warming up with ${WARM_UP} events each ...`);
    const warmUp = await compare({ ...sides, pairs: 1, events: WARM_UP, inFlight: IN_FLIGHT });
    say(`${pairs} pairs of blocks at ${IN_FLIGHT} in flight:`);
    const busy = await compare({ ...sides, pairs, events: 250, inFlight: IN_FLIGHT });
    say(`${pairs} pairs of blocks at 1 in flight:`);
    const quiet = await compare({ ...sides, pairs, events: 100, inFlight: 1 });
    const keys = [...warmUp, ...busy, ...quiet].flatMap((pair: Pair) => pair.product.keys);
    return { keys, lines: [...throughputLines(busy, IN_FLIGHT), ...latencyLines(quiet)] };
  });
  const memory = await part('memory', () => watchMemory(product, workerPid, events, say));
  const inBatches = await part('batches', () => measureBatches({ stack, workerPid, events: batches, say }));
  const several = { stack, secretsKey, say };
  const threeConsumers = await part('three', () => measureSeveral('three', { ...several, events: 500 }));
  const sixConsumers = await part('six', () => measureSeveral('six', { ...several, events: 300 }));
  const journal = await part('journal', () => measureJournal({ address: stack.temporal.address, folder, say }));
  const largeEvents = await part('large', () => measureLargeEvents({ stack, secretsKey, workerPid, say }));
  return {
    machine: describeMachine(),
    eventBytes: eventBytes(),
    inFlight: IN_FLIGHT,
    lines: alone?.lines ?? [],
    memory: memory?.memory ?? [],
    threeConsumers,
    sixConsumers,
    batches: inBatches,
    journal,
    largeEvents,
    verified: await verify(stack.postgres.url, [...(alone?.keys ?? []), ...(memory?.keys ?? [])]),
    notes: readCpu ? [] : ['CPU and memory are not measured here: that needs /proc.'],
  };
}

/** Resident memory of the worker before, during and after a run of events. */
async function watchMemory(product: Side, pid: number, events: number, say: Say) {
  const memory: Memory[] = [];
  const look = (done: number): void => {
    const megabytes = residentMegabytes(pid);
    if (megabytes !== undefined) memory.push({ events: done, residentMegabytes: megabytes });
  };
  say(`Memory over ${events} events:`);
  look(0);
  const marks = [0.25, 0.5, 0.75, 1].map((share) => Math.round(events * share));
  const onFinished = (done: number): void => {
    if (!marks.includes(done)) return;
    look(done);
    say(`  ${done} events, ${memory.at(-1)?.residentMegabytes.toFixed(0) ?? '?'} MB`);
  };
  const { keys } = await runBlock(product, { events, inFlight: IN_FLIGHT, onFinished });
  return { memory, keys };
}

/** @throws when an event that was reported as delivered has no row in the table of chats */
async function verify(databaseUrl: string, keys: readonly string[]): Promise<number> {
  const pool = createPool(databaseUrl);
  try {
    const { latest } = await findEffects(onPool(pool));
    const found = latest.filter(({ dataQueue }) => dataQueue === 'Chat.Ended.Persistence').map((row) => row.eventKey);
    const inTable = new Set(found);
    const missing = keys.filter((key) => !inTable.has(key));
    if (missing.length > 0)
      throw new Error(`${missing.length} of ${keys.length} events have no row: ${missing[0]}, ...`);
    return keys.length;
  } finally {
    await pool.end();
  }
}

runCommandLine(
  USAGE,
  {
    json: flag,
    only: oneOf(
      PARTS,
      PARTS.filter((part) => !SOLO_PARTS.some((one) => one === part)),
    ),
    events: number(10_000),
    pairs: number(4),
    batches: number(20_000),
    profile: text(undefined),
    systems: oneOf(SYSTEMS),
    kinds: oneOf(KINDS),
    modes: oneOf(WAYS),
    consumers: oneOf(['1', '6']),
    outstanding: oneOf(['1', '50', '2000']),
    histories: oneOf(['1000', '100000', '1000000', '10000000'], ['1000', '100000', '1000000']),
    rounds: number(3),
    seconds: number(5),
    chart: text(undefined),
  },
  main,
);
