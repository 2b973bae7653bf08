import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createPublisher } from '../../client';
import { writeEntry } from '../../client/journal/entry';
import { prepareEvent } from '../../client/prepare-event';
import { NAMESPACE } from '../../workflows/constants';
import { percentile } from './compare';
import { freePort } from '../stack/free-port';
import { singleQueueEvent } from './single-queue';

interface Latency {
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

const PER_SECOND = 500;
/** By turns, so that what else the machine does hits both alike. */
const ROUNDS = 4;
const SECONDS = 5;

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

async function measurePair(address: string, dir: string): Promise<JournalPair> {
  const publisher = createPublisher({
    clusters: [{ name: 'main', address, namespace: NAMESPACE }],
    journal: { dir },
    deadlineMs: 1_000, // of closing, too
  });
  const bare = await openBareLog(`${dir}.bare`);
  const [publishMs, bareMs]: [number[], number[]] = [[], []];
  const publish = (n: number) => {
    const { type, data, id } = singleQueueEvent(n);
    return publisher.publish(type, data, { id });
  };
  const entries = Array.from({ length: PER_SECOND }, (_, n) => {
    const { type, data, id } = singleQueueEvent(n);
    return writeEntry({ publishedAt: Date.now(), event: prepareEvent(type, data, { id }) });
  });
  const append = (n: number) => bare.append(entries[n % entries.length] ?? Buffer.alloc(0));
  try {
    await offer(publish, 1, []); // warms up
    await offer(append, 1, []);
    for (let round = 0; round < ROUNDS; round++) {
      await offer(append, SECONDS, bareMs);
      await offer(publish, SECONDS, publishMs);
    }
  } finally {
    await publisher.close();
    await bare.close();
    await rm(dir, { recursive: true, force: true });
    await rm(`${dir}.bare`, { force: true });
  }
  return { publishMs: latencyOf(publishMs), bareMs: latencyOf(bareMs) };
}

/** Calls at an even rate, whatever the calls before it do, and notes what each took from its time on, in milliseconds. */
async function offer(call: (n: number) => Promise<unknown>, seconds: number, took: number[]): Promise<void> {
  const calls: Promise<unknown>[] = [];
  const start = performance.now();
  for (let n = 0; n < seconds * PER_SECOND; n++) {
    const due = start + (n * 1000) / PER_SECOND;
    if (due > performance.now()) await pause(due - performance.now());
    const called = performance.now();
    calls.push(call(n).then(() => took.push(performance.now() - called)));
  }
  await Promise.all(calls);
}

/** Appends to a file: what comes while others are brought to the disk goes there with the next fsync. */
async function openBareLog(file: string) {
  const handle = await open(file, 'wx');
  let waiting: { readonly bytes: Buffer; readonly done: () => void }[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await handle.write(Buffer.concat(batch.map(({ bytes }) => bytes)));
      await handle.datasync();
      for (const { done } of batch) done();
    }
    isWriting = false;
  }

  return {
    append: (bytes: Buffer): Promise<void> =>
      new Promise((done) => {
        waiting.push({ bytes, done });
        if (!isWriting) void write();
      }),
    close: () => handle.close(),
  };
}

const latencyOf = (took: readonly number[]): Latency => ({ p50: percentile(took, 0.5), p99: percentile(took, 0.99) });
