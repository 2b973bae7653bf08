import { randomUUID } from 'node:crypto';
import type { Attachment } from '../events/attachment';
import type { SignInStore } from '../activities/connections/sign-in';
import type { Receipt } from '../activities/consumer';
import {
  isSignIn,
  startSalesforce,
  type Arrival,
  type SalesforceOptions,
} from '../activities/consumers/salesforce/fake';
import { createSalesforce } from '../activities/consumers/salesforce/salesforce';
import { DeliveryFailure } from '../activities/failures';
import type { ChatEvent } from '../events/catalogue';
import { exampleEvent, sendRequest } from './send-request';

type Fields = Readonly<Record<string, string>>;

/** What the seed's class `Salesforce` says, with its lists as objects. */
export interface Purpose {
  readonly mode: number;
  readonly cases?: Fields;
  readonly tasks?: Fields;
  readonly leads?: Fields;
  readonly createContact?: Fields;
  readonly updateContact?: Fields;
}

/** A chat of Ann that asks for a mode of the eleven. */
export function chatFor({ mode, cases, tasks, leads, createContact, updateContact }: Purpose, chat = {}): ChatEvent {
  const list = (fields: Fields = {}) =>
    Object.entries(fields).map(([Name, value]) => ({ Name, value, DisplayValue: `shown ${value}` }));
  return exampleEvent('Chat.Ended', {
    Chat: {
      ChatId: randomUUID(),
      SiteId: 10001,
      PreChatName: 'Ann Example',
      PreChatEmail: ANN,
      content: 'Hi',
      ...chat,
    },
    Visitor: null,
    Salesforce: {
      PurposeChatEnd: mode,
      Cases: list(cases),
      Tasks: list(tasks),
      Leads: list(leads),
      CreateContact: list(createContact),
      UpdateContact: list(updateContact),
    },
  });
}

export const ANN = 'ann@example.com';

interface Parts {
  readonly config?: object;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly files?: readonly Attachment[];
  /** How often an operator has changed the connection. Default: 1. */
  readonly edition?: number;
  /** Default: one of its own, in memory. */
  readonly signIn?: SignInStore;
}

/** A fake organisation and the consumer, with deliveries that keep their progress as their rows do. */
export const openOrg = async (options: SalesforceOptions = {}) => openOn(await startSalesforce(options));

/** The same around an organisation that was started. */
export function openOn<Org extends Awaited<ReturnType<typeof startSalesforce>>>(org: Org) {
  const consumer = createSalesforce({ allowedAddresses: ['127.0.0.1'] });
  const connectionId = randomUUID();
  let seen = 0;

  function delivery(event: ChatEvent, { config, secrets, files = [], signIn, edition = 1 }: Parts = {}) {
    const account = { config: { ...org.account.config, ...config }, secrets: secrets ?? org.account.secrets };
    const request = {
      ...sendRequest(event, { account, attachments: files, ...(signIn && { signIn }) }),
      connectionId,
      connectionEdition: edition,
    };
    let kept: Readonly<Record<string, unknown>> = {};
    let tries = 0;
    return {
      id: request.deliveryId,
      attempt: (): Promise<Receipt> =>
        consumer.send({
          ...request,
          tries: tries++,
          progress: kept,
          saveProgress: async (done) => void (kept = { ...kept, ...done }),
        }),
      failure: async function (): Promise<DeliveryFailure> {
        const error: unknown = await this.attempt().catch((reason: unknown) => reason);
        if (error instanceof DeliveryFailure) return error;
        throw new Error('It did not fail as expected.', { cause: error });
      },
      kept: () => kept,
      /** As an operator's redrive does, or a crash before the try was counted. */
      redrive: () => void (tries = 0),
      /** As a database does that was restored from a backup. */
      forget: () => void ([tries, kept] = [0, {}]),
      /** As if what was begun had been so long ago. */
      wait(ms: number): void {
        if ('begun' in kept) kept = { ...kept, begun: Number(kept['begun']) - ms };
      },
    };
  }

  return {
    ...org,
    consumer,
    delivery,
    /** The one record of a type. @throws Error where there are none or several */
    only(type: Parameters<Org['records']>[0]) {
      const [one, ...others] = org.records(type);
      if (one === undefined || others.length > 0) throw new Error(`Not one ${type}: ${org.records(type).length}`);
      return one;
    },
    /** What has been asked for since the last call, sign-ins and descriptions apart. */
    asked(): readonly string[] {
      const fresh = org.arrivals.slice(seen).filter((one) => !isSignIn(one) && !one.path.endsWith('/describe'));
      seen = org.arrivals.length;
      return fresh.map(sayWhat);
    },
    close: async (): Promise<void> => {
      org.release();
      await org.close();
      await consumer.close();
    },
  };
}

function sayWhat({ method, path, query, body }: Arrival): string {
  if (path.endsWith('/query')) return `FIND ${/ FROM (\w+)/.exec(query.get('q') ?? '')?.[1]}`;
  if (!path.endsWith('/composite')) return `${method} ${kindOf(path)}`;
  const { compositeRequest } = JSON.parse(body) as { compositeRequest: readonly { method: string; url: string }[] };
  return compositeRequest.map(({ method: how, url }) => `${how} ${kindOf(url)}`).join(' + ');
}

const kindOf = (path: string): string => path.replace(/.*\/sobjects\//, '').replace(/\/.*/, '');
