import { randomUUID } from 'node:crypto';
import type { SecretBox } from '../../activities/connections/secret-box';
import { startSmtpServer, type Faults } from '../../activities/consumers/email/fake';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../../activities/consumers/webhook/fake';
import { messageId } from '../../activities/consumers/webhook/message';
import type { Fault } from '../../activities/http/fake';
import { insertConnection } from '../../db/connections';
import type { Tx } from '../../db/tx';
import type { ImpliedDelivery } from './account';

/** What a site's endpoint does instead of taking a message; undefined = it takes it. */
export type WebhookPlan = (request: number, id: string) => Fault | undefined;

/** The mail servers and endpoints of the sites: real servers on this machine that keep everything that reaches them. */
export interface Destinations {
  /** The implied deliveries that have arrived: every mail and message that they should have brought. @returns their ids */
  found(implied: readonly ImpliedDelivery[]): Set<string>;
  /** Arrivals beyond the first of one message that was not refused; a receiver recognises them by their id. */
  wireDuplicates(): number;
  /** Different messages that have arrived at endpoints, and different mails. */
  distinct(): { readonly webhooks: number; readonly mails: number };
  /** When (ms since 1970) the endpoint of a site had the message of this id; undefined = not yet. */
  webhookArrivedAt(siteId: string, id: string): number | undefined;
  /** Messages whose signature or form was not right. */
  invalid(): number;
  /** From now on the site's endpoint takes everything. */
  heal(siteId: string): void;
  close(): Promise<void>;
}

export interface DestinationsOptions {
  /** By site. */
  readonly webhooks: Readonly<Record<string, WebhookPlan>>;
  readonly mailFaults?: Faults;
}

/** Who gets mails of an event type, at each site. */
const RECIPIENTS: Readonly<Record<string, readonly string[]>> = {
  'Chat.Ended': ['support', 'archive'],
  'OfflineMessage.Submit': ['support'],
};

/** Starts the servers, and gives every site a connection to each. */
export async function openDestinations(
  db: Tx,
  box: SecretBox,
  { webhooks, mailFaults = {} }: DestinationsOptions,
): Promise<Destinations> {
  const smtp = await startSmtpServer({ security: 'none' });
  Object.assign(smtp.faults, mailFaults);
  const receivers = new Map<string, Awaited<ReturnType<typeof startWebhookReceiver>>>();
  /** Connection -> site. */
  const sites = new Map<string, string>();

  const connect = async (siteId: string, consumer: string, config: object, secrets: Record<string, string>) => {
    const id = randomUUID();
    const { bytes, keyId } = box.seal(id, secrets);
    const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null };
    await insertConnection(db, {
      id,
      siteId,
      consumer,
      name: 'demo',
      config,
      ...limits,
      secrets: bytes,
      secretsKeyId: keyId,
    });
    sites.set(id, siteId);
  };
  for (const [siteId, fault] of Object.entries(webhooks)) {
    const receiver = await startWebhookReceiver({ fault });
    receivers.set(siteId, receiver);
    await connect(siteId, 'webhook', { url: receiver.url }, { secret: EXAMPLE_SECRET });
    const at = (names: readonly string[]): string[] => names.map((name) => `${name}@site-${siteId}.example`);
    const recipients = Object.fromEntries(Object.entries(RECIPIENTS).map(([type, names]) => [type, at(names)]));
    const from = { name: `Site ${siteId}`, address: `chat@site-${siteId}.example` };
    await connect(siteId, 'email', { host: smtp.host, port: smtp.port, security: 'none', from, recipients }, {});
  }

  /** Message ids of all mails, each as often as it came. */
  const mails = (): string[] => smtp.arrivals.map(({ raw }) => messageIdOf(raw));
  const messages = [...receivers.values()].map(
    (receiver) => () => receiver.arrivals.filter(isTaken).map(({ id }) => id),
  );

  return {
    found(implied) {
      const mailed = countBy(new Set(mails()), (id) => id.slice(1).split('.')[0] ?? '');
      const posted = new Map([...receivers].map(([siteId, { arrivals }]) => [siteId, idsOf(arrivals.filter(isTaken))]));
      const isFound = ({ id, key, dataQueue, connectionId, event }: ImpliedDelivery): boolean => {
        if (dataQueue.endsWith('.Webhook'))
          return posted.get(sites.get(connectionId) ?? '')?.has(messageId(key)) ?? false;
        return dataQueue.endsWith('.Email') && mailed.get(id) === RECIPIENTS[event.type]?.length;
      };
      return new Set(implied.filter(isFound).map(({ id }) => id));
    },
    wireDuplicates: () => [mails, ...messages].reduce((sum, ids) => sum + ids().length - new Set(ids()).size, 0),
    distinct: () => ({
      webhooks: messages.reduce((sum, ids) => sum + new Set(ids()).size, 0),
      mails: new Set(mails()).size,
    }),
    invalid: () => [...receivers.values()].flatMap(({ arrivals }) => arrivals.filter((one) => !isComplete(one))).length,
    webhookArrivedAt: (siteId, id) => receivers.get(siteId)?.arrivals.find((one) => one.id === id && isTaken(one))?.at,
    heal(siteId) {
      const receiver = receivers.get(siteId);
      if (receiver !== undefined) receiver.receiver.fault = () => undefined;
    },
    async close() {
      await Promise.all([smtp.close(), ...[...receivers.values()].map((receiver) => receiver.close())]);
    },
  };
}

interface Message {
  readonly id: string;
  readonly body: string;
  readonly isVerified: boolean;
  readonly fault: Fault | undefined;
}

/** The receiver has it, whether or not its answer came through. */
const isTaken = (message: Message): boolean => typeof message.fault !== 'object' && isComplete(message);

/** Signed by the site's secret, and a message of ours. */
function isComplete({ body, isVerified }: Message): boolean {
  const { type, timestamp, data } = JSON.parse(body) as Record<string, unknown>;
  return isVerified && typeof type === 'string' && typeof timestamp === 'string' && typeof data === 'object';
}

const idsOf = (arrivals: readonly Message[]): Set<string> => new Set(arrivals.map(({ id }) => id));

const messageIdOf = (raw: Buffer): string => /^Message-ID:\s*(<[^>]+>)/im.exec(raw.toString('latin1'))?.[1] ?? '';

function countBy(values: Iterable<string>, nameOf: (value: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(nameOf(value), (counts.get(nameOf(value)) ?? 0) + 1);
  return counts;
}
