import { EXAMPLE_SECRET, startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { messageId } from '../activities/consumers/webhook/message';
import type { Fault } from '../activities/http/fake';
import { repeats, type Connect, type Destination } from './destination';

/** A fault of a site's endpoint; undefined = it takes the message. */
export type WebhookPlan = (request: number, id: string) => Fault | undefined;

/** An endpoint of each site, by address, or by the name that the site has in `hosts`. */
export async function openWebhooks(
  plans: Readonly<Record<string, WebhookPlan>>,
  connect: Connect,
  hosts: Readonly<Record<string, string>> = {},
): Promise<Destination> {
  const receivers = new Map<string, Awaited<ReturnType<typeof startWebhookReceiver>>>();
  for (const [siteId, fault] of Object.entries(plans)) {
    const receiver = await startWebhookReceiver({ fault });
    receivers.set(siteId, receiver);
    const url = receiver.url.replace('127.0.0.1', hosts[siteId] ?? '127.0.0.1');
    await connect(siteId, 'webhook', { url }, { secret: EXAMPLE_SECRET });
  }
  /** By site: the ids of the messages, each as often as it came. */
  const taken = (): Map<string, string[]> =>
    new Map([...receivers].map(([siteId, { arrivals }]) => [siteId, arrivals.filter(isTaken).map(({ id }) => id)]));
  return {
    consumer: 'webhook',
    look() {
      const ids = new Map([...taken()].map(([siteId, list]) => [siteId, new Set(list)]));
      return ({ key, event }) => ids.get(event.siteId)?.has(messageId(key)) ?? false;
    },
    distinct: () => [...taken().values()].reduce((sum, ids) => sum + new Set(ids).size, 0),
    wireDuplicates: () => [...taken().values()].reduce((sum, ids) => sum + repeats(ids), 0),
    problems() {
      const all = [...receivers.values()].flatMap(({ arrivals }) => arrivals);
      const invalid = all.filter((one) => !isComplete(one)).length;
      return invalid === 0 ? [] : [`${invalid} webhooks were not signed or not whole.`];
    },
    arrivedAt: (siteId, key) =>
      receivers.get(siteId)?.arrivals.find((one) => one.id === messageId(key) && isTaken(one))?.at,
    heal(siteId) {
      const receiver = receivers.get(siteId);
      if (receiver !== undefined) receiver.receiver.fault = () => undefined;
    },
    forget() {
      for (const { arrivals } of receivers.values()) arrivals.splice(0);
    },
    async close() {
      await Promise.all([...receivers.values()].map((receiver) => receiver.close()));
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
