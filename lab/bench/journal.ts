import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPublisher } from '../../client';
import { freePort } from '../../stack/free-port';
import { runCommand } from '../../stack/run-command';
import { atRate } from '../at-rate';
import { latencyOf, type Latency } from '../latency';
import { singleQueueEvent } from '../make-events';

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

/** Both at the same time, each in a process of its own, so that other work of the machine hits both alike. */
async function measurePair(address: string, dir: string): Promise<JournalPair> {
  const publisher = createPublisher({ clusters: [{ name: 'main', address }], journal: { dir } });
  const publish = (n: number) => {
    const { type, data, id } = singleQueueEvent(n);
    return publisher.publish(type, data, { id });
  };
  try {
    const startAt = Date.now() + START_UP_MS;
    const args = [`${dir}.bare`, String(SECONDS), String(startAt)];
    const bareRun = runCommand(['node', '--import', 'tsx', join(__dirname, 'group-fsync.ts'), ...args]);
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

/** Calls at an even rate. @returns the times of the calls */
export async function offer(call: (n: number) => Promise<unknown>, seconds: number): Promise<Latency> {
  const took = atRate(PER_SECOND, Array(seconds * PER_SECOND).keys(), async (n) => {
    const called = performance.now();
    await call(n);
    return performance.now() - called;
  });
  return latencyOf(await took);
}
