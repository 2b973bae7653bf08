import { createSecretBox } from '../../activities/connections/secret-box';
import type { Publisher } from '../../client';
import type { Tx } from '../../db/tx';
import { catalogue } from '../../events/catalogue';
import { chatEndedExample } from '../../events/chat-ended-example';
import type { Account } from '../demo/account';
import { openDestinations } from '../demo/destinations';
import { createRandom } from '../demo/make-day/random';
import type { Progress } from '../demo/progress';
import { publishDay } from '../demo/publish-day';
import type { DayLine } from '../demo/read-day';
import { settle } from '../demo/settle';
import { takeAccount } from '../demo/take-account';
import { ambiguous, randomMail, randomWebhook, type FaultCounts } from './random-plans';

export interface FaultsOptions {
  readonly seed: number;
  readonly events: number;
  readonly publisher: Publisher;
  /** An empty, seeded database that the worker works on. */
  readonly db: Tx;
  /** The worker's SECRETS_KEY. */
  readonly secretsKey: string;
  readonly progress: Progress;
  /** Called now and then. */
  readonly onProgress?: () => void;
}

export interface FaultsReport {
  readonly account: Account;
  readonly faults: FaultCounts;
  /** Messages that came again although the receiver had them. */
  readonly wireDuplicates: number;
  /** Every expectation that does not hold, in words. */
  readonly problems: readonly string[];
}

const SITES = ['10001', '10002', '10003'];

/** Publishes events to sites whose endpoints and mail server fail at random, waits until all are through, and takes the account. */
export async function runFaults(options: FaultsOptions): Promise<FaultsReport> {
  const { seed, events, publisher, db, progress, onProgress } = options;
  const faults: FaultCounts = {};
  const destinations = await openDestinations(db, createSecretBox(options.secretsKey), {
    webhooks: Object.fromEntries(SITES.map((site, i) => [site, randomWebhook(createRandom(seed + i), faults)])),
    mailFaults: randomMail(createRandom(seed + SITES.length), faults),
  });
  try {
    let published = 0;
    const publications = await publishDay(publisher, makeLines(seed, events), () => {
      published += 1;
      progress.show(`     ${published} of ${events} published`);
    });
    const settled = await settle(db, {
      isSettled: ({ events: known, pending }) => known === events && pending === 0,
      onCounts: ({ delivered, pending, parked }) => {
        progress.show(`     ${delivered} delivered, ${pending} under way, ${parked} parked`);
        onProgress?.();
      },
      stalledAfterMs: 120_000,
    });
    const account = await takeAccount(db, publications, destinations);
    const wireDuplicates = destinations.wireDuplicates();
    const expected = {
      webhook: delivered(account, '.Webhook'),
      email: 2 * delivered(account, 'Chat.Ended.Email') + delivered(account, 'OfflineMessage.Submit.Email'),
    };
    const distinct = destinations.distinct();
    const mayBeTwice = ambiguous.reduce((sum, name) => sum + (faults[name] ?? 0), 0);
    const problems = [
      ...account.problems,
      !settled && 'Something was still under way when nothing moved any more.',
      account.lost > 0 && `${account.lost} deliveries are lost.`,
      ...Object.entries(expected).map(
        ([consumer, count]) =>
          distinct[consumer] !== count && `${distinct[consumer]} different ones arrived for ${consumer}, not ${count}.`,
      ),
      wireDuplicates > mayBeTwice && `${wireDuplicates} came twice, but only ${mayBeTwice} were cut off after arrival.`,
      ...destinations.problems(),
    ].filter((problem) => problem !== false);
    return { account, faults, wireDuplicates, problems };
  } finally {
    await destinations.close();
  }
}

const delivered = ({ byQueue }: Account, end: string): number =>
  Object.entries(byQueue).reduce((sum, [queue, one]) => sum + (queue.endsWith(end) ? one.delivered : 0), 0);

/** Three chats to one offline message, of three sites in turn. */
function makeLines(seed: number, events: number): DayLine[] {
  const { Chat, ...rest } = chatEndedExample;
  return Array.from({ length: events }, (_, i) => {
    const id = `${seed}-${i}`;
    const SiteId = Number(SITES[i % SITES.length]);
    if (i % 4 === 3) {
      const data = { ...catalogue['OfflineMessage.Submit'].example, SiteId };
      return { type: 'OfflineMessage.Submit', id, data: JSON.stringify(data) };
    }
    return { type: 'Chat.Ended', data: JSON.stringify({ Chat: { ...Chat, SiteId, ChatId: id }, ...rest }) };
  });
}
