import type { Faults } from '../../activities/consumers/email/fake';
import type { Fault } from '../../activities/http/fake';
import type { WebhookPlan } from '../demo/webhook-destination';
import type { Random } from '../demo/make-day/random';

/** Share of requests that meet a fault. */
const SHARE = 1 / 3;

/** Kinds of faults, by how many were met. */
export type FaultCounts = Record<string, number>;

const webhookFaults: readonly [string, Fault][] = [
  ['webhook 500', { status: 500 }],
  ['webhook 502', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
  ['webhook 503', { status: 503, headers: { 'retry-after': '1' } }],
  ['webhook 429', { status: 429, headers: { 'retry-after': '1' } }],
  ['webhook 404', { status: 404 }],
  ['webhook reset', 'reset'],
  ['webhook reset after', 'reset after'],
  ['webhook truncated', 'truncated'],
];

/** One request in so many hangs until the deadline. */
const STALLS_EVERY = 150;

/** What is ambiguous: the message was read, and no answer came. Only these can bring a message twice. */
export const ambiguous = ['webhook reset after', 'webhook stall', 'mail drop after'];

/** An endpoint that fails at random; the same seed gives the same faults by order of requests. */
export function randomWebhook(random: Random, counts: FaultCounts): WebhookPlan {
  return () => {
    if (random.between(1, STALLS_EVERY) === 1) return count(counts, 'webhook stall', 'stall');
    if (!random.chance(SHARE)) return undefined;
    const [name, fault] = webhookFaults[random.between(0, webhookFaults.length - 1)] ?? ['', undefined];
    return count(counts, name, fault);
  };
}

/** A mail server that fails at random. A message passes four steps, so each fails less often. */
export function randomMail(random: Random, counts: FaultCounts): Faults {
  const fails = (): boolean => random.chance(SHARE / 4);
  return {
    connect: () => (fails() ? count(counts, 'mail 421 at connect', '421 4.3.2') : undefined),
    recipient: () => (fails() ? count(counts, 'mail 450', '450 4.2.1') : undefined),
    beforeData: () => (fails() ? count(counts, 'mail drop before', 'drop') : undefined),
    data: () => (fails() ? count(counts, 'mail drop after', 'drop') : undefined),
  };
}

function count<T>(counts: FaultCounts, name: string, fault: T): T {
  counts[name] = (counts[name] ?? 0) + 1;
  return fault;
}
