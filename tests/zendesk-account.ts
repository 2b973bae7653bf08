import type { Receipt } from '../activities/consumer';
import { isTicketCreation, startZendesk, type ZendeskOptions } from '../activities/consumers/zendesk/fake';
import { createZendesk } from '../activities/consumers/zendesk/zendesk';
import type { FakeRequest, Fault } from '../activities/http/fake';
import type { ChatEvent } from '../events/catalogue';
import { exampleEvent, sendRequest } from './send-request';

export const message = exampleEvent('OfflineMessage.Submit');
export const files = [
  { position: 0, name: 'Rechnung für Ann.pdf', content: Buffer.from([0, 1, 2, 255]) },
  { position: 1, name: '../page.html', content: Buffer.from('<script>') },
];

/** Their names as Zendesk gets them. */
export const fileNames = ['Rechnung für Ann.pdf', '.._page.html'];

interface Given {
  /** The account's clock, in milliseconds since 1970. */
  now: number;
  /** Faults of requests whose method and path begin so, one after the other. */
  faults: [start: string, fault: Fault][];
}

/** A fake account and the consumer, with deliveries that keep their progress as their rows do. */
export async function openZendeskAccount(options: ZendeskOptions = {}) {
  const consumer = createZendesk({ allowedAddresses: ['127.0.0.1'] });
  const given: Given = { now: Date.now(), faults: [] };
  const fault = ({ method, path }: FakeRequest): Fault | undefined => {
    const { faults } = given;
    const index = faults.findIndex(([start]) => `${method} ${path.replace('/api/v2', '')}`.startsWith(start));
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.[1];
  };
  const zendesk = await startZendesk({ clock: () => given.now, fault, ...options });
  return {
    ...zendesk,
    consumer,
    /** May be changed while it runs. */
    given,
    /** Tries as often as it is called, each time with the progress that the delivery's row has kept. */
    trying(event: ChatEvent = message, config: object = {}, attachments = files): () => Promise<Receipt> {
      const account = { ...zendesk.account, config: { ...zendesk.account.config, ...config } };
      const request = sendRequest(event, { account, attachments });
      let progress: Readonly<Record<string, unknown>> = {};
      let tries = 0;
      const saveProgress = async (done: object): Promise<void> => void (progress = { ...progress, ...done });
      return () => consumer.send({ ...request, tries: tries++, progress, saveProgress });
    },
    /** Requests that would make a ticket. */
    created: () => zendesk.arrivals.filter(isTicketCreation),
    /** Files at the comments of all tickets. */
    attached: () => zendesk.tickets.flatMap(({ comments }) => comments.flatMap((one) => one.attachments)),
    close: async (): Promise<void> => {
      await zendesk.close();
      await consumer.close();
    },
  };
}
