import { createSecretBox } from '../../activities/connections/secret-box';
import type { Publisher } from '../../client';
import type { Tx } from '../../db/tx';
import type { Account } from '../account';
import { openDestinations } from '../destinations';
import { makeLines, visitor } from '../make-events';
import { measureArrivals, type Arrivals } from '../measure-arrivals';
import { createRandom, type Random } from '../random';
import type { Progress } from '../progress';
import { publishBy, publishDay } from '../publish-day';
import { settle } from '../settle';
import { takeAccount } from '../take-account';
import { ambiguous, randomMail, randomSalesforce, randomWebhook, randomZendesk, type FaultLog } from './random-plans';

export interface FaultsOptions {
  readonly seed: number;
  readonly events: number;
  readonly publisher: Publisher;
  /** An empty, seeded database that the worker works on. */
  readonly db: Tx;
  /** The worker's SECRETS_KEY. */
  readonly secretsKey: string;
  readonly progress: Progress;
  /** Attempts that our own database did not let end: their messages are sent again. Default: none. */
  readonly unwritten?: () => Promise<number>;
  /** Whether it then measures the effect of one site's hanging Zendesk on the others. */
  readonly measuresStall?: boolean;
}

export interface FaultsReport {
  readonly account: Account;
  readonly faults: FaultLog['counts'];
  /** Messages that came again although the receiver had them. */
  readonly wireDuplicates: number;
  /** Of them, at most: by attempts that our own database did not let end. */
  readonly unwritten: number;
  /** Tickets of two sites at an even rate, while the Zendesk of a third is well, and while each of its requests hangs. */
  readonly stall?: { readonly well: Arrivals; readonly beside: Arrivals };
  /** Every expectation that does not hold, in words. */
  readonly problems: readonly string[];
}

const SITES = ['10001', '10002', '10003'];

const HANGING = '10003';
/** This site's org has no field for the delivery's id. */
const WEAK = '10002';
const RATE = 1;
const SECONDS = 30;

/** Publishes events to sites whose servers fail at random, waits until all are through, and takes the account. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const { seed, events, publisher, db, progress } = options;
  const log: FaultLog = { counts: {}, isOver: false };
  let hangs = false;
  let nextSeed = seed;
  const bySite = <T>(planOf: (random: Random, site: string) => T): Record<string, T> =>
    Object.fromEntries(SITES.map((site) => [site, planOf(createRandom(nextSeed++), site)]));
  const destinations = await openDestinations(db, createSecretBox(options.secretsKey), {
    webhooks: bySite((random) => randomWebhook(random, log)),
    mailFaults: randomMail(createRandom(nextSeed++), log),
    zendesks: bySite((random, site) => {
      const plan = randomZendesk(random, log);
      return (request) => (hangs && site === HANGING ? 'stall' : plan(request));
    }),
    salesforces: bySite((random, site) => ({
      fault: randomSalesforce(random, log),
      hasKeyField: site !== WEAK,
      people: [visitor],
    })),
  });
  try {
    let published = 0;
    const publications = await publishDay(publishBy(publisher), makeLines(seed, events, SITES), () => {
      published += 1;
      progress.show(`     ${published} of ${events} published`);
    });
    const settled = await settle(db, {
      isSettled: ({ events: known, pending }) => known === events && pending === 0,
      onCounts: ({ delivered, pending, parked }) => {
        progress.show(`     ${delivered} delivered, ${pending} under way, ${parked} parked`);
      },
      stalledAfterMs: 120_000,
    });
    const account = await takeAccount(db, publications, destinations);
    const wireDuplicates = destinations.wireDuplicates();
    const expected = {
      webhook: delivered(account, '.Webhook'),
      zendesk: delivered(account, '.Zendesk'),
      salesforce: delivered(account, '.Salesforce'),
      email: 2 * delivered(account, 'Chat.Ended.Email') + delivered(account, 'OfflineMessage.Submit.Email'),
    };
    const distinct = destinations.distinct();
    const unwritten = (await options.unwritten?.()) ?? 0;
    const cutOff = ambiguous.reduce((sum, name) => sum + (log.counts[name] ?? 0), 0);
    const problems = [
      ...account.problems,
      !settled && 'Something was still under way when nothing moved any more.',
      account.lost > 0 && `${account.lost} deliveries are lost.`,
      ...Object.entries(expected).map(
        ([consumer, count]) =>
          distinct[consumer] !== count && `${distinct[consumer]} different ones arrived for ${consumer}, not ${count}.`,
      ),
      wireDuplicates > cutOff + unwritten &&
        `${wireDuplicates} came twice, but only ${cutOff} were cut off after arrival, and ${unwritten} not written.`,
      ...destinations.problems(),
    ].filter((problem) => problem !== false);
    const report = { account, faults: { ...log.counts }, wireDuplicates, unwritten, problems };
    if (options.measuresStall !== true) return report;
    log.isOver = true;
    const measure = (): Promise<Arrivals> =>
      measureArrivals({
        publisher,
        well: SITES.filter((site) => site !== HANGING),
        hanging: [HANGING],
        rate: RATE,
        seconds: SECONDS,
        arrivedAt: (site, key) => destinations.arrivedAt(site, 'zendesk', key),
      });
    const well = await measure();
    hangs = true;
    const beside = await measure();
    const isSlow = beside.p99 - well.p99 > 1_000;
    if (isSlow) problems.push("A site's Zendesk that hangs delays tickets of other sites by more than a second.");
    return { ...report, stall: { well, beside } };
  } finally {
    await destinations.close();
  }
}

const delivered = ({ byQueue }: Account, end: string): number =>
  Object.entries(byQueue).reduce((sum, [queue, one]) => sum + (queue.endsWith(end) ? one.delivered : 0), 0);
