import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Attempt } from '../activities/attempt';
import type { Swept } from '../activities/maintenance/sweep';

/** When the first credential of each consumer ends by itself. */
type ReadEnds = () => Promise<readonly { readonly consumer: string; readonly endsAt: Date }[]>;

/** Free slots by cluster and task queue, with a blank between them. */
type ReadSlots = () => ReadonlyMap<string, number>;

/** A scrape must not wait for a database that hangs. */
const ENDS_WITHIN_MS = 1_000;

/** Our own counters; the SDK's are added by the health server. Labels are names of ours, never ids of sites or people. */
export function createMetrics(readEnds: ReadEnds = async () => [], readSlots: ReadSlots = () => new Map()) {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: 'chat_events_delivery_attempts_total',
    help: 'Attempts at deliveries, by what came of them.',
    labelNames: ['cluster', 'data_queue', 'consumer', 'outcome', 'failure'],
    registers,
  });
  const seconds = new Histogram({
    name: 'chat_events_delivery_attempt_seconds',
    help: 'How long an attempt took, by consumer.',
    labelNames: ['consumer'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const events = new Counter({
    name: 'chat_events_events_total',
    help: 'Events that were recorded or refused at recording.',
    labelNames: ['cluster', 'outcome'],
    registers,
  });
  const swept = new Counter({
    name: 'chat_events_swept_total',
    help: 'What the sweep that runs on the cluster did; takenOver: events that another cluster had begun, which is down.',
    labelNames: ['cluster', 'did'],
    registers,
  });
  const replaced = new Counter({
    name: 'chat_events_replaced_characters_total',
    help: 'U+0000 and lone surrogates that were replaced at the edge.',
    registers,
  });
  const ready = new Gauge({
    name: 'chat_events_ready',
    help: '1 while the process takes work from the cluster.',
    labelNames: ['cluster'],
    registers,
  });
  const sweepScheduled = new Gauge({
    name: 'chat_events_sweep_scheduled',
    help: '1 while the schedule of the sweep on the cluster starts rounds as it should, 0 when it is missing, paused or has another specification.',
    labelNames: ['cluster'],
    registers,
  });
  new Gauge({
    name: 'chat_events_free_slots',
    help: 'Slots of a task queue that no task holds.',
    labelNames: ['cluster', 'task_queue'],
    registers,
    collect() {
      for (const [name, free] of readSlots()) {
        const [cluster = '', taskQueue = ''] = name.split(' ');
        this.set({ cluster, task_queue: taskQueue }, free);
      }
    },
  });
  new Gauge({
    name: 'chat_events_connection_ends_timestamp_seconds',
    help: "When the first credential of a consumer's connections ends by itself, in seconds since 1970; none: no end is known.",
    labelNames: ['consumer'],
    registers,
    async collect() {
      const late = delay(ENDS_WITHIN_MS, undefined, { ref: false });
      const found = await Promise.race([readEnds(), late]).catch(() => undefined); // without an answer the last values stay
      if (found === undefined) return;
      this.reset();
      for (const { consumer, endsAt } of found) this.set({ consumer }, endsAt.getTime() / 1000);
    },
  });
  return {
    registry,
    observeReady: (cluster: string, isReady: boolean) => ready.set({ cluster }, isReady ? 1 : 0),
    observeSweepSchedule: (cluster: string, isOk: boolean) => sweepScheduled.set({ cluster }, isOk ? 1 : 0),
    observe: ({ cluster, dataQueue, consumer, outcome, failure, durationMs }: Attempt) => {
      attempts.inc({ cluster, data_queue: dataQueue, consumer, outcome, failure: failure?.type ?? '' });
      seconds.observe({ consumer }, durationMs / 1000);
    },
    observeSwept: (cluster: string, counts: Swept) => {
      for (const [did, count] of Object.entries(counts)) swept.inc({ cluster, did }, count);
    },
    observeRecorded: (cluster: string, counts: { recorded: number; refused: number; replaced: number }) => {
      events.inc({ cluster, outcome: 'recorded' }, counts.recorded);
      events.inc({ cluster, outcome: 'refused' }, counts.refused);
      replaced.inc(counts.replaced);
    },
  };
}
