import { randomUUID } from 'node:crypto';
import type { SecretBox } from '../activities/connections/secret-box';
import type { Faults } from '../activities/consumers/email/fake';
import { insertConnection } from '../db/connections';
import type { Tx } from '../db/tx';
import type { ImpliedDelivery } from './account';
import type { Connect, CrmPlan, Destination } from './destination';
import { openMail } from './mail-destination';
import { openSalesforces, type OrgPlan } from './salesforce-destination';
import { openWebhooks, type WebhookPlan } from './webhook-destination';
import { openZendesks } from './zendesk-destination';

/** The servers of the sites: real servers on this machine that keep everything that reaches them. */
export interface Destinations {
  /** The implied deliveries that have arrived: every mail, message and record that they should have brought. @returns their ids */
  found(implied: readonly ImpliedDelivery[]): Set<string>;
  /** Those of which nothing is to be seen there, as event and connection alone say. @returns their ids */
  askingNothing(implied: readonly ImpliedDelivery[]): Set<string>;
  canRemove(delivery: ImpliedDelivery): boolean;
  /** Removes a delivery's effect behind the product's back. */
  remove(delivery: ImpliedDelivery): void;
  /** Arrivals beyond the first of one message that was not refused; a receiver recognises them by their id. */
  wireDuplicates(): number;
  /** Requests that met a fault, by consumer. */
  faultsMet(): Readonly<Record<string, number>>;
  /** Different messages, mails and records that are there, by consumer. */
  distinct(): Readonly<Record<string, number>>;
  /** When (ms since 1970) an event has arrived at a site's webhook or Zendesk; undefined = not yet. */
  arrivedAt(siteId: string, consumer: 'webhook' | 'zendesk', key: string): number | undefined;
  /** Each problem of the content, in words: an unsigned message, a record that exists twice. */
  problems(): string[];
  /** From now on the site's server of this consumer takes everything. */
  heal(siteId: string, consumer: string): void;
  /** Drops everything that has arrived, as if it never had. */
  forget(): void;
  close(): Promise<void>;
}

/** By site, the fault of its server, or none; a site that is not named has no such account. */
export interface DestinationsOptions {
  /** Each of these sites has a mail account, too. */
  readonly webhooks: Readonly<Record<string, WebhookPlan>>;
  /** By site, the name by which its webhooks are called. Default: they are by address. */
  readonly webhookHosts?: Readonly<Record<string, string>>;
  readonly mailFaults?: Faults;
  readonly zendesks?: Readonly<Record<string, CrmPlan>>;
  readonly salesforces?: Readonly<Record<string, OrgPlan>>;
}

/** Starts the servers, and gives every site a connection to each. */
export async function openDestinations(
  db: Tx,
  box: SecretBox,
  { webhooks, webhookHosts, mailFaults = {}, zendesks = {}, salesforces = {} }: DestinationsOptions,
): Promise<Destinations> {
  const connect: Connect = async (siteId, consumer, config, secrets) => {
    const id = randomUUID();
    const { bytes, keyId } = box.seal(id, secrets);
    const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null };
    const sealed = { secrets: bytes, secretsKeyId: keyId };
    await insertConnection(db, { id, siteId, consumer, name: 'demo', config, ...limits, ...sealed });
    return id;
  };
  const all: readonly Destination[] = [
    await openWebhooks(webhooks, connect, webhookHosts),
    await openMail(Object.keys(webhooks), connect, mailFaults),
    await openZendesks(zendesks, connect),
    await openSalesforces(salesforces, connect),
  ];
  const destinationOf = ({ dataQueue }: ImpliedDelivery): Destination | undefined =>
    all.find(({ consumer }) => dataQueue.toLowerCase().endsWith(`.${consumer}`));

  return {
    found(implied) {
      const looks = new Map(all.map((one) => [one, one.look()]));
      const isThere = (delivery: ImpliedDelivery): boolean => {
        const destination = destinationOf(delivery);
        return destination !== undefined && looks.get(destination)?.(delivery) === true;
      };
      return new Set(implied.filter(isThere).map(({ id }) => id));
    },
    askingNothing: (implied) =>
      new Set(implied.filter((one) => destinationOf(one)?.asksNothing?.(one)).map(({ id }) => id)),
    canRemove: (delivery) => destinationOf(delivery)?.remove !== undefined,
    remove: (delivery) => destinationOf(delivery)?.remove?.(delivery),
    wireDuplicates: () => all.reduce((sum, one) => sum + (one.wireDuplicates?.() ?? 0), 0),
    distinct: () => Object.fromEntries(all.map((one) => [one.consumer, one.distinct()])),
    faultsMet: () => Object.fromEntries(all.map((one) => [one.consumer, one.faultsMet?.() ?? 0])),
    arrivedAt: (siteId, consumer, key) => all.find((one) => one.consumer === consumer)?.arrivedAt?.(siteId, key),
    problems: () => all.flatMap((one) => one.problems()),
    heal: (siteId, consumer) => all.find((one) => one.consumer === consumer)?.heal(siteId),
    forget: () => {
      for (const one of all) one.forget();
    },
    close: async () => void (await Promise.all(all.map((one) => one.close()))),
  };
}
