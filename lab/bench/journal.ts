import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPublisher } from '../../client';
import { NAMESPACE } from '../../protocol/constants';
import { runCommand } from '../../stack/run-command';
import { freePort } from '../../stack/free-port';
import { percentile } from './compare';
import { singleQueueEvent } from './single-queue';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds of `publish` with a journal, and of the same bytes brought to the same disk by a group fsync and nothing else. */
export interface JournalPair {
  readonly publishMs: Latency;
  readonly bareMs: Latency;
}

export interface JournalCost {
  /** Offered events per second. */
  readonly perSecond: number;
  readonly temporalUp: JournalPair;
  readonly temporalDown: JournalPair;
}

export interface JournalCostOptions {
  readonly address: string;
  /** Where both write; on the disk that is measured. */
  readonly folder: string;
  readonly say: (text: string) => void;
}

export const PER_SECOND = 500;
const SECONDS = 20;
/** Until both are ready. */
const START_UP_MS = 5_000;

export async function measureJournal({ address, folder, say }: JournalCostOptions): Promise<JournalCost> {
  say(`Journal, ${PER_SECOND} events/s offered, beside a bare group fsync:`);
  const measure = async (title: string, at: string): Promise<JournalPair> => {
    const pair = await measurePair(at, join(folder, title.replaceAll(' ', '-')));
    say(`  ${title}: p99 ${pair.publishMs.p99.toFixed(1)} ms, bare ${pair.bareMs.p99.toFixed(1)} ms`);
    return pair;
  };
  return {
    perSecond: PER_SECOND,
    temporalUp: await measure('Temporal up', address),
    temporalDown: await measure('Temporal down', `127.0.0.1:${await freePort()}`),
  };
}

/** Both at the same time, each in a process of its own, so that what else the machine does hits both alike. */
async function measurePair(address: string, dir: string): Promise<JournalPair> {
  const publisher = createPublisher({
    clusters: [{ name: 'main', address, namespace: NAMESPACE }],
    journal: { dir },
  });
  const publish = (n: number) => {
    const { type, data, id } = singleQueueEvent(n);
    return publisher.publish(type, data, { id });
  };
  try {
    const startAt = Date.now() + START_UP_MS;
    const yardstick = [
      'node',
      '--import',
      'tsx',
      join(__dirname, 'group-fsync.ts'),
      `${dir}.bare`,
      String(SECONDS),
      String(startAt),
    ];
    const bareRun = runCommand(yardstick);
    await offer(publish, 1); // warms up
    await pause(startAt - Date.now());
    const [publishMs, bare] = await Promise.all([offer(publish, SECONDS), bareRun]);
    if (bare.code !== 0) throw new Error(bare.output);
    return { publishMs, bareMs: JSON.parse(bare.output) as Latency };
  } finally {
    await publisher.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Calls at an even rate, whatever becomes of the calls before. @returns what they took */
export async function offer(call: (n: number) => Promise<unknown>, seconds: number): Promise<Latency> {
  const calls: Promise<unknown>[] = [];
  const took: number[] = [];
  const start = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    const due = start + (n * 1000) / PER_SECOND;
    if (due > performance.now()) await pause(due - performance.now());
    const called = performance.now();
    calls.push(call(n).then(() => took.push(performance.now() - called)));
  }
  await Promise.all(calls);
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}
