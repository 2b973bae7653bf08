import { join } from 'node:path';
import { createSecretBox } from '../../activities/connections/secret-box';
import { createPublisher } from '../../client';
import { createPool } from '../../db/pool';
import { setSubscriptionState } from '../../db/subscriptions';
import { onPool, type Tx } from '../../db/tx';
import { chatEndedExample } from '../../events/chat-ended-example';
import { runCommand } from '../../stack/run-command';
import type { Stack } from '../../stack/start-stack';
import { openDestinations, type Destinations, type DestinationsOptions } from '../destinations';
import { latencyOf, type Latency } from '../latency';
import { makeChat } from '../make-events';
import { measureArrivals, type Arrivals } from '../measure-arrivals';
import { findEffects } from '../queries/effects';
import { runBlock } from './run-block';
import { openProduct } from './sides';

/** Of events that go to several consumers each. */
export interface SeveralConsumers {
  readonly events: number;
  /** With 50 outstanding, and the workflows that carried them. */
  readonly eventsPerSecond: number;
  readonly workflows: number;
  /** Of one event at a time. */
  readonly deliveredMs: Latency;
  /** With 2,000 outstanding, when they go in batches. */
  readonly batches: { readonly eventsPerSecond: number; readonly workflows: number };
  /** Events per second of the same sends alone: without Temporal, without rows. */
  readonly sendsAlone: number;
  /** Events of two sites at an even rate, while the servers of others are well, and while each of their requests hangs. */
  readonly hangingSites: number;
  readonly well: Arrivals;
  readonly beside: Arrivals;
  /** p99 with those that hang, divided by p99 without. */
  readonly besideRatio: number;
}

/** Which consumers, and which of them hangs at some sites. Each kind has sites of its own, so that other events go nowhere. */
const kinds = {
  three: {
    title: 'Three consumers',
    wellSites: ['20001', '20002'],
    hangingSites: Array.from({ length: 20 }, (_, n) => String(20_101 + n)),
    stalled: 'webhook',
    deliveries: 3,
    rate: 2,
    seconds: 30,
  },
  six: {
    title: 'Six consumers',
    wellSites: ['20011', '20012'],
    hangingSites: ['20013'],
    stalled: 'zendesk',
    deliveries: 6,
    rate: 1,
    seconds: 60,
  },
} as const;

export interface SeveralOptions {
  readonly stack: Stack;
  /** The worker's. */
  readonly secretsKey: string;
  readonly events: number;
  readonly say: (text: string) => void;
}

/** Published at once. */
const BATCHED_EVENTS = 2_000;
/** Events that are in flight one by one, for the time until one is delivered everywhere. */
const QUIET_EVENTS = 100;

/**
 * Measures events of several consumers, and the effect of hanging servers on the others.
 *
 * @throws when something that was delivered is not found at every destination, each once
 */
export async function measureSeveral(which: keyof typeof kinds, options: SeveralOptions): Promise<SeveralConsumers> {
  const { stack, secretsKey, events, say } = options;
  const { title, wellSites, hangingSites, stalled, deliveries, rate, seconds } = kinds[which];
  const hasCrms = deliveries === 6;
  let hangs = false;
  const pool = createPool(stack.postgres.url);
  const db = onPool(pool);
  const sites = [...wellSites, ...hangingSites];
  if (hasCrms) await activate(db, sites);
  const plan = (siteId: string, consumer: string) => () =>
    hangs && hangingSites.some((one) => one === siteId) && consumer === stalled ? ('stall' as const) : undefined;
  const destinations = await openDestinations(db, createSecretBox(secretsKey), serversOf(sites, hasCrms, plan));
  const { address } = stack.temporal;
  const alone = openProduct(address, { deliveries });
  const sharing = openProduct(address, { deliveries, sharesWorkflows: true });
  const publisher = createPublisher({ clusters: [{ name: 'main', address }], deadlineMs: 60_000 });
  try {
    say(`${title}, ${events} events:`);
    const make = (n: number) => makeChat(wellSites[n % wellSites.length]);
    const busy = await runBlock(sharing, { make, events, inFlight: 50 });
    const quiet = await runBlock(alone, { make, events: QUIET_EVENTS, inFlight: 1 });
    const batches = await runBlock(sharing, { make, events: BATCHED_EVENTS, inFlight: BATCHED_EVENTS });
    await verifyEverywhere(db, destinations, [...busy.keys, ...quiet.keys, ...batches.keys], hasCrms);
    const sendsAlone = await measureSends(stack.postgres.url, secretsKey, wellSites);
    say(
      `  ${busy.eventsPerSecond.toFixed(1)} events/s, in batches ${batches.eventsPerSecond.toFixed(1)}; all found at every destination, each once; the same sends alone ${sendsAlone.toFixed(1)}`,
    );
    const arrivedAt = (siteId: string, key: string) => destinations.arrivedAt(siteId, stalled, key);
    const steady = { publisher, well: wellSites, hanging: hangingSites, rate, seconds, arrivedAt };
    say(
      `Two sites beside ${hangingSites.length}, whose ${stalled} is well for ${seconds} s and then hangs for ${seconds} s:`,
    );
    const well = await measureArrivals(steady);
    hangs = true;
    const beside = await measureArrivals(steady);
    say(`  p99 ${well.p99.toFixed(0)} ms and ${beside.p99.toFixed(0)} ms`);
    return {
      events,
      eventsPerSecond: busy.eventsPerSecond,
      workflows: busy.workflows,
      deliveredMs: latencyOf(quiet.finishedMs),
      batches: { eventsPerSecond: batches.eventsPerSecond, workflows: batches.workflows },
      sendsAlone,
      hangingSites: hangingSites.length,
      well,
      beside,
      besideRatio: beside.p99 / well.p99,
    };
  } finally {
    await Promise.all([alone.close(), sharing.close(), publisher.close()]);
    await destinations.close();
    await pool.end();
  }
}

/** In a process of its own, as a worker is. */
async function measureSends(databaseUrl: string, secretsKey: string, sites: readonly string[]): Promise<number> {
  const { code, output } = await runCommand(
    ['node', '--import', 'tsx', join(__dirname, 'sends-alone.ts'), '500', ...sites],
    { env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, SECRETS_KEY: secretsKey } },
  );
  if (code !== 0) throw new Error(output);
  return Number(output);
}

/** Elsewhere in the benchmark these are paused. */
export async function activate(db: Tx, sites: readonly string[]): Promise<void> {
  for (const siteId of sites) {
    for (const name of ['Ticket', 'Salesforce', 'Zendesk']) {
      await setSubscriptionState(db, `Chat.Ended.${name}`, siteId, 'active');
    }
  }
}

type PlanOf = (siteId: string, consumer: string) => () => 'stall' | undefined;

export function serversOf(sites: readonly string[], hasCrms: boolean, planOf: PlanOf): DestinationsOptions {
  const bySite = <Plan>(plan: (siteId: string) => Plan): Record<string, Plan> =>
    Object.fromEntries(sites.map((siteId) => [siteId, plan(siteId)]));
  const webhooks = bySite((siteId) => planOf(siteId, 'webhook'));
  if (!hasCrms) return { webhooks };
  // The example's visitor, whose contact the case is attached to.
  const { LastName: name, LastEmail: email } = chatEndedExample.Visitor;
  return {
    webhooks,
    zendesks: bySite((siteId) => planOf(siteId, 'zendesk')),
    salesforces: bySite(() => ({ fault: () => undefined, people: [{ name, email }] })),
  };
}

export async function verifyEverywhere(
  db: Tx,
  destinations: Destinations,
  keys: readonly string[],
  hasCrms: boolean,
): Promise<void> {
  const { latest, perEvent } = await findEffects(db);
  const wanted = new Set(keys);
  const inTable = (queue: string): number => {
    const rows = [...latest, ...perEvent].filter(({ dataQueue }) => dataQueue === queue);
    return new Set(rows.map(({ eventKey }) => eventKey).filter((key) => wanted.has(key))).size;
  };
  const { email = 0, webhook, zendesk, salesforce } = destinations.distinct();
  const counts = {
    rows: inTable('Chat.Ended.Persistence'),
    mails: email / 2, // to two recipients
    webhook,
    ...(hasCrms && { tickets: inTable('Chat.Ended.Ticket'), zendesk, salesforce }),
  };
  const wrong = Object.entries(counts).filter(([, count]) => count !== wanted.size);
  const problems = [...wrong.map(([name, count]) => `${name}: ${count} of ${wanted.size}`), ...destinations.problems()];
  if (problems.length > 0) throw new Error(`Not everything is where it belongs: ${problems.join('; ')}`);
}
