import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The sidecar's own; those of its publisher come from formatMetrics. Labels are names of ours, never ids of sites or people. */
export function createMetrics(heldBytes: () => number) {
  const registry = new Registry();
  const registers = [registry];
  const requests = new Histogram({
    name: 'chat_events_ingress_request_seconds',
    help: 'Requests: from their headers to the end of the answer, by address and status.',
    labelNames: ['route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2, 10],
    registers,
  });
  const events = new Counter({
    name: 'chat_events_ingress_events_total',
    help: 'Events that were read, by outcome: accepted, or the name of the problem.',
    labelNames: ['outcome'],
    registers,
  });
  new Gauge({
    name: 'chat_events_ingress_held_bytes',
    help: 'Bytes of requests that are not answered yet.',
    registers,
    collect() {
      this.set(heldBytes());
    },
  });
  return { registry, requests, events };
}

export type IngressMetrics = ReturnType<typeof createMetrics>;
