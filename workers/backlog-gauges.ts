import { setTimeout as delay } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { Gauges, GaugesReading } from '../db/read-gauges';

/** A scrape must not wait for a database that hangs. */
const ANSWER_WITHIN_MS = 1_000;

/** The answer; undefined = there is none in time, so that the last values stay. */
export async function answerOf<T>(ask: () => Promise<T>): Promise<T | undefined> {
  const late = delay(ANSWER_WITHIN_MS, undefined, { ref: false });
  return await Promise.race([ask(), late]).catch(() => undefined);
}

interface Definition {
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Values of the labels, and the value. */
  readonly rows: (gauges: Gauges) => readonly (readonly [labels: readonly string[], value: number])[];
}

const ofQueue = ['data_queue'];
const definitions: Readonly<Record<string, Definition>> = {
  chat_events_parked_deliveries: {
    help: 'Deliveries that are parked now.',
    labelNames: ['data_queue', 'failure'],
    rows: ({ parked }) => parked.map((one) => [[one.dataQueue, one.failure], one.deliveries]),
  },
  chat_events_parked_oldest_timestamp_seconds: {
    help: 'When the event of the oldest delivery that is parked now was recorded, in seconds since 1970.',
    labelNames: ['data_queue', 'failure'],
    rows: ({ parked }) => parked.map((one) => [[one.dataQueue, one.failure], one.oldest]),
  },
  chat_events_pending_deliveries: {
    help: 'Deliveries that are not settled and not parked.',
    labelNames: ofQueue,
    rows: ({ pending }) => pending.map((one) => [[one.dataQueue], one.deliveries]),
  },
  chat_events_overdue_deliveries: {
    help: 'Pending deliveries that should have been sent a minute ago, and that no attempt holds.',
    labelNames: ofQueue,
    rows: ({ pending }) => pending.map((one) => [[one.dataQueue], one.overdue]),
  },
  chat_events_connections_broken: {
    help: 'Connections that are broken.',
    labelNames: ['consumer'],
    rows: ({ brokenConnections }) => brokenConnections.map((one) => [[one.consumer], one.connections]),
  },
  chat_events_sweep_lag_seconds: {
    help: 'How long ago the sweep should have looked at the first delivery that waits for its look, by cluster of its owner; none: none waits.',
    labelNames: ['cluster'],
    rows: ({ sweepLag }) => sweepLag.map((one) => [[one.cluster], one.seconds]),
  },
};

/** Gauges of the backlog in the database. All workers show the same reading: take the `max` over them, not the sum. */
export function addBacklogGauges(registry: Registry, read: () => Promise<GaugesReading | undefined>): void {
  const registers = [registry];
  let reading: Promise<GaugesReading | undefined> | undefined;
  /** One reading for all gauges of a scrape. */
  const readOnce = (): Promise<GaugesReading | undefined> =>
    (reading ??= answerOf(read).finally(() => (reading = undefined)));
  new Gauge({
    name: 'chat_events_backlog_read_timestamp_seconds',
    help: 'When a worker has read the backlog for the metrics of all workers, in seconds since 1970.',
    registers,
    async collect() {
      const found = await readOnce();
      if (found !== undefined) this.set(found.takenAt.getTime() / 1000);
    },
  });
  for (const [name, { help, labelNames, rows }] of Object.entries(definitions)) {
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      async collect() {
        const found = await readOnce();
        if (found === undefined) return;
        this.reset();
        for (const [labels, value] of rows(found.gauges))
          this.set(Object.fromEntries(labelNames.map((label, i) => [label, labels[i] ?? ''])), value);
      },
    });
  }
}
