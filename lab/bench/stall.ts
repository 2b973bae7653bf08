import { setTimeout as pause } from 'node:timers/promises';
import type { Publisher } from '../../client';
import { chatEndedExample } from '../../events/chat-ended-example';
import { percentile } from './compare';

/** Milliseconds from publish to the arrival of the message or ticket, at the sites whose servers are well. */
export interface StallLatencies {
  readonly p50: number;
  readonly p99: number;
  readonly messages: number;
}

export interface StallOptions {
  readonly publisher: Publisher;
  /** Sites whose servers are well, and those whose servers may hang. */
  readonly well: readonly string[];
  readonly hanging: readonly string[];
  /** Events per second, of each site whose server is well; two of the others, in turn, publish as often. */
  readonly rate: number;
  readonly seconds: number;
  /** When (Date.now()) what an event key brings arrived at a site; undefined = not yet. */
  readonly arrivedAt: (siteId: string, key: string) => number | undefined;
}

const WITHIN_MS = 60_000;

/** Publishes at an even rate for all sites, and waits for the messages of those that are well. */
export async function measureLatencies(options: StallOptions): Promise<StallLatencies> {
  const { publisher, well, hanging, rate, seconds, arrivedAt } = options;
  const published: { readonly siteId: string; readonly key: string; readonly at: number }[] = [];
  const publishing: Promise<unknown>[] = [];
  const start = performance.now();
  for (let i = 0; i < rate * seconds; i++) {
    await pause(Math.max(0, start + (i * 1000) / rate - performance.now()));
    const others = [2 * i, 2 * i + 1].flatMap((n) => hanging[n % hanging.length] ?? []);
    for (const siteId of [...well, ...new Set(others)]) {
      const at = Date.now();
      const { Chat, ...rest } = chatEndedExample;
      const data = { Chat: { ...Chat, SiteId: Number(siteId), ChatId: `${siteId}-${start}-${i}` }, ...rest };
      publishing.push(
        publisher.publish('Chat.Ended', data).then(({ key }) => {
          if (well.includes(siteId)) published.push({ siteId, key, at });
        }),
      );
    }
  }
  await Promise.all(publishing);
  const deadline = performance.now() + WITHIN_MS;
  const missing = () => published.filter(({ siteId, key }) => arrivedAt(siteId, key) === undefined).length;
  while (missing() > 0 && performance.now() < deadline) await pause(100);
  const latencies = published.map(({ siteId, key, at }) => (arrivedAt(siteId, key) ?? Infinity) - at);
  return { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), messages: latencies.length };
}
