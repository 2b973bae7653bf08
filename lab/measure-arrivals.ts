import { setTimeout as pause } from 'node:timers/promises';
import type { Publisher } from '../client';
import { atRate } from './at-rate';
import { latencyOf, type Latency } from './latency';
import { makeChat } from './make-events';

/** Milliseconds from publish to the arrival of the message or ticket, at the sites whose servers are well. */
export interface Arrivals extends Latency {
  readonly messages: number;
}

export interface ArrivalsOptions {
  readonly publisher: Publisher;
  /** Sites whose servers are well, and those whose servers may hang. */
  readonly well: readonly string[];
  readonly hanging: readonly string[];
  /** Events per second, of each site whose server is well; two of the others, in turn, publish as often. */
  readonly rate: number;
  readonly seconds: number;
  /** When (Date.now()) the event of a key arrived at a site; undefined = not yet. */
  readonly arrivedAt: (siteId: string, key: string) => number | undefined;
}

const WITHIN_MS = 60_000;

/** Publishes at an even rate for all sites, and waits for the messages of those that are well. */
export async function measureArrivals(options: ArrivalsOptions): Promise<Arrivals> {
  const { publisher, well, hanging, rate, seconds, arrivedAt } = options;
  const publish = async (siteId: string) => {
    const at = Date.now();
    const { type, data } = makeChat(siteId);
    return { siteId, at, key: (await publisher.publish(type, data)).key };
  };
  const published = await atRate(rate, Array(rate * seconds).keys(), async (i) => {
    const others = [2 * i, 2 * i + 1].flatMap((n) => hanging[n % hanging.length] ?? []);
    return await Promise.all([...well, ...new Set(others)].map(publish));
  });
  const awaited = published.flat().filter(({ siteId }) => well.includes(siteId));
  const deadline = performance.now() + WITHIN_MS;
  const isMissing = ({ siteId, key }: (typeof awaited)[number]) => arrivedAt(siteId, key) === undefined;
  while (awaited.some(isMissing) && performance.now() < deadline) await pause(100);
  const latencies = awaited.map(({ siteId, key, at }) => (arrivedAt(siteId, key) ?? Infinity) - at);
  return { ...latencyOf(latencies), messages: latencies.length };
}
