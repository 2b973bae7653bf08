import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Attempt } from '../activities/attempt';
import type { Swept } from '../activities/maintenance/sweep';
import type { GaugesReading } from '../db/read-gauges';
import { addBacklogGauges, answerOf } from './backlog-gauges';

export interface MetricsSources {
  /** When the first credential of each consumer ends by itself. */
  readonly readEnds: () => Promise<readonly { readonly consumer: string; readonly endsAt: Date }[]>;
  /** Free slots by cluster and task queue, with a blank between them. */
  readonly readSlots: () => ReadonlyMap<string, number>;
  /** The unfinished deliveries; undefined = they were not counted yet. */
  readonly readGauges: () => Promise<GaugesReading | undefined>;
}

const defaults = {
  readEnds: async () => [],
  readSlots: () => new Map(),
  readGauges: async () => undefined,
} satisfies MetricsSources;

/** Our own counters; the SDK's are added by the health server. Labels are names of ours, never ids of sites or people. */
export function createMetrics(sources: Partial<MetricsSources> = {}) {
  const { readEnds, readSlots, readGauges } = { ...defaults, ...sources };
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: 'chat_events_delivery_attempts_total',
    help: 'Attempts at deliveries, by outcome.',
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
  const latency = new Histogram({
    name: 'chat_events_delivery_latency_seconds',
    help: 'From the acceptance of an event to its delivery, by data queue.',
    labelNames: ['data_queue'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 21_600, 86_400],
    registers,
  });
  const repeats = new Counter({
    name: 'chat_events_delivery_repeats_total',
    help: 'Sends of a delivery of which an earlier send may have arrived: its process died, or no answer came.',
    labelNames: ['consumer'],
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
    help: 'Actions of the sweep that runs on the cluster; takenOver: events that another cluster had begun, which is down.',
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
      const found = await answerOf(readEnds);
      if (found === undefined) return;
      this.reset();
      for (const { consumer, endsAt } of found) this.set({ consumer }, endsAt.getTime() / 1000);
    },
  });
  addBacklogGauges(registry, readGauges);
  const observeRecorded = (
    cluster: string,
    counts: { readonly recorded: number; readonly refused: number; readonly replaced: number },
  ): void => {
    events.inc({ cluster, outcome: 'recorded' }, counts.recorded);
    events.inc({ cluster, outcome: 'refused' }, counts.refused);
    replaced.inc(counts.replaced);
  };
  return {
    registry,
    /** Its counters begin at 0: an increase from no value at all is none to Prometheus. */
    beginWith: (cluster: string) => observeRecorded(cluster, { recorded: 0, refused: 0, replaced: 0 }),
    observeReady: (cluster: string, isReady: boolean) => ready.set({ cluster }, isReady ? 1 : 0),
    observeSweepSchedule: (cluster: string, isOk: boolean) => sweepScheduled.set({ cluster }, isOk ? 1 : 0),
    observe: ({ cluster, dataQueue, consumer, outcome, failure, durationMs, ageMs, isRepeat }: Attempt) => {
      attempts.inc({ cluster, data_queue: dataQueue, consumer, outcome, failure: failure?.type ?? '' });
      seconds.observe({ consumer }, durationMs / 1000);
      if (outcome === 'delivered') latency.observe({ data_queue: dataQueue }, ageMs / 1000);
      if (isRepeat) repeats.inc({ consumer });
    },
    observeSwept: (cluster: string, counts: Swept) => {
      for (const [did, count] of Object.entries(counts)) swept.inc({ cluster, did }, count);
    },
    observeRecorded,
  };
}
