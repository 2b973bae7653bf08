import { join } from 'node:path';
import { createSecretBox } from '../../activities/connections/secret-box';
import { createPublisher } from '../../client';
import { findEffects } from '../queries/find-effects';
import { createPool } from '../../db/pool';
import { setSubscriptionState } from '../../db/subscriptions';
import { onPool, type Tx } from '../../db/tx';
import { chatEndedExample } from '../../events/chat-ended-example';
import { openDestinations, type Destinations, type DestinationsOptions } from '../destinations';
import { runCommand } from '../../stack/run-command';
import type { Stack } from '../../stack/start-stack';
import { percentile } from './compare';
import { openFlow } from './flow';
import { runBlock } from './run-block';
import { makeChat, openProduct } from './sides';
import { measureLatencies, type StallLatencies } from './stall';

/** Of events that go to several consumers each. */
export interface SeveralConsumers {
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly deliveredMs: { readonly p50: number; readonly p99: number };
  /** With 2,000 outstanding, when they go in batches. */
  readonly batches: { readonly eventsPerSecond: number; readonly workflows: number };
  /** Events per second of the same sends alone: without Temporal, without rows. */
  readonly sendsAlone: number;
  /** Events of two sites at an even rate, while the servers of others are well, and while each of their requests hangs. */
  readonly hangingSites: number;
  readonly well: StallLatencies;
  readonly beside: StallLatencies;
  /** How many times p99 is with those that hang what it is without. */
  readonly besideRatio: number;
}

/** Which consumers, and which of them hangs at some sites. Each kind has sites of its own, so that other events go nowhere. */
interface Kind {
  readonly title: string;
  readonly wellSites: readonly string[];
  readonly hangingSites: readonly string[];
  /** Whose server hangs, and whose arrivals are timed. */
  readonly stalled: 'webhook' | 'zendesk';
  /** All six; else only the tables, mails and webhooks. */
  readonly hasCrms: boolean;
  /** Events per second of each site, and for how long. */
  readonly rate: number;
  readonly seconds: number;
}

const three: Kind = {
  title: 'Three consumers',
  wellSites: ['20001', '20002'],
  hangingSites: Array.from({ length: 20 }, (_, n) => String(20_101 + n)),
  stalled: 'webhook',
  hasCrms: false,
  rate: 2,
  seconds: 30,
};
const six: Kind = {
  title: 'Six consumers',
  wellSites: ['20011', '20012'],
  hangingSites: ['20013'],
  stalled: 'zendesk',
  hasCrms: true,
  rate: 1,
  seconds: 60,
};
const kinds = { three, six };

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
 * What several consumers cost, and what hanging servers do to the others.
 *
 * @throws when what was delivered is not found at every destination, each once
 */
export async function measureSeveral(which: keyof typeof kinds, options: SeveralOptions): Promise<SeveralConsumers> {
  const { stack, secretsKey, events, say } = options;
  const { title, wellSites, hangingSites, stalled, hasCrms, rate, seconds } = kinds[which];
  let hangs = false;
  const pool = createPool(stack.postgres.url);
  const db = onPool(pool);
  const sites = [...wellSites, ...hangingSites];
  if (hasCrms) await activate(db, sites);
  const plan = (siteId: string, consumer: Kind['stalled']) => () =>
    hangs && hangingSites.includes(siteId) && consumer === stalled ? ('stall' as const) : undefined;
  const destinations = await openDestinations(db, createSecretBox(secretsKey), serversOf(sites, hasCrms, plan));
  const { address } = stack.temporal;
  const product = openProduct(address, { siteIds: wellSites, deliveries: hasCrms ? 6 : 3 });
  const publisher = createPublisher({ clusters: [{ name: 'main', address }], deadlineMs: 60_000 });
  const flow = openFlow(address);
  try {
    say(`${title}, ${events} events:`);
    const busy = await runBlock(product, { events, inFlight: 50 });
    const quiet = await runBlock(product, { events: QUIET_EVENTS, inFlight: 1 });
    const batched = await flow.run({
      make: (n) => ({ type: 'Chat.Ended', data: makeChat(wellSites[n % wellSites.length]).data }),
      deliveries: hasCrms ? 6 : 3,
      events: BATCHED_EVENTS,
      outstanding: BATCHED_EVENTS,
    });
    await verify(db, destinations, [...busy.keys, ...quiet.keys, ...batched.keys], hasCrms);
    const sendsAlone = await measureSends(stack.postgres.url, secretsKey, wellSites);
    say(
      `  ${busy.eventsPerSecond.toFixed(1)} events/s, in batches ${batched.eventsPerSecond.toFixed(1)}; all found at every destination, each once; the same sends alone ${sendsAlone.toFixed(1)}`,
    );
    const arrivedAt = (siteId: string, key: string) => destinations.arrivedAt(siteId, stalled, key);
    const steady = { publisher, well: wellSites, hanging: hangingSites, rate, seconds, arrivedAt };
    say(
      `Two sites beside ${hangingSites.length}, whose ${stalled} is well for ${seconds} s and then hangs for ${seconds} s:`,
    );
    const well = await measureLatencies(steady);
    hangs = true;
    const beside = await measureLatencies(steady);
    say(`  p99 ${well.p99.toFixed(0)} ms and ${beside.p99.toFixed(0)} ms`);
    const deliveredMs = { p50: percentile(quiet.finishedMs, 0.5), p99: percentile(quiet.finishedMs, 0.99) };
    const batches = { eventsPerSecond: batched.eventsPerSecond, workflows: batched.workflows };
    const stall = { hangingSites: hangingSites.length, well, beside, besideRatio: beside.p99 / well.p99 };
    return { events, eventsPerSecond: busy.eventsPerSecond, deliveredMs, batches, sendsAlone, ...stall };
  } finally {
    await flow.close();
    await publisher.close();
    await product.close();
    await destinations.close();
    await pool.end();
  }
}

/** In a process of its own, as a worker is. */
async function measureSends(databaseUrl: string, secretsKey: string, sites: readonly string[]): Promise<number> {
  const { code, output } = await runCommand(
    ['node', '--import', 'tsx', join(__dirname, 'sends-alone.ts'), '500', ...sites],
    {
      env: { NODE_ENV: 'production', DATABASE_URL: databaseUrl, SECRETS_KEY: secretsKey },
    },
  );
  if (code !== 0) throw new Error(output);
  return Number(output);
}

/** Elsewhere in the benchmark these are paused. */
async function activate(db: Tx, sites: readonly string[]): Promise<void> {
  for (const siteId of sites) {
    for (const name of ['Ticket', 'Salesforce', 'Zendesk']) {
      await setSubscriptionState(db, `Chat.Ended.${name}`, siteId, 'active');
    }
  }
}

type PlanOf = (siteId: string, consumer: Kind['stalled']) => () => 'stall' | undefined;

function serversOf(sites: readonly string[], hasCrms: boolean, planOf: PlanOf): DestinationsOptions {
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

async function verify(db: Tx, destinations: Destinations, keys: readonly string[], hasCrms: boolean): Promise<void> {
  const { latest, perEvent } = await findEffects(db);
  const rows = [...latest, ...perEvent];
  const wanted = new Set(keys);
  const inTable = (queue: string): number =>
    new Set(
      rows.filter(({ dataQueue, eventKey }) => dataQueue === queue && wanted.has(eventKey)).map((row) => row.eventKey),
    ).size;
  const { email = 0, webhook, zendesk, salesforce } = destinations.distinct();
  const counts = {
    rows: inTable('Chat.Ended.Persistence'),
    mails: email / 2, // to two recipients
    webhook,
    ...(hasCrms && { tickets: inTable('Chat.Ended.Ticket'), zendesk, salesforce }),
  };
  const problems = [
    ...Object.entries(counts).flatMap(([name, count]) =>
      count === wanted.size ? [] : [`${name}: ${count} of ${wanted.size}`],
    ),
    ...destinations.problems(),
  ];
  if (problems.length > 0) throw new Error(`Not everything is where it belongs: ${problems.join('; ')}`);
}
