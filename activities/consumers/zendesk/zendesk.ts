import { createHash } from 'node:crypto';
import { createRecent } from '../../connections/recent';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { configSchema, secretsSchema, type ZendeskAccount } from './account';
import { openApi } from './api';
import { checkAccount } from './check-account';
import { isTicketed } from './compose-ticket';
import { writeTicket } from './write-ticket';
import { zendeskAnswers } from './zendesk-codes';

const about: ConsumerAbout = {
  what: "Opens a ticket in a site's Zendesk account: for `Chat.Ended` with the transcript as an internal note, for `OfflineMessage.Submit` with the message as a public comment and its file. The author is always the connection's user, as what a visitor enters is not verified.",
  idempotency:
    "`Idempotency-Key` and `external_id` are the delivery's id, and what is posted is the same on every try. Before a repeat the ticket with that `external_id` is looked for and taken, so that no agent's edit is overwritten; within two hours Zendesk recognises the key as well.",
  failures: zendeskAnswers,
};

interface Options extends GuardOptions {
  /** Default 45,000. */
  readonly requestTimeoutMs?: number;
}

/** Connections whose users are remembered at the same time. */
const MOST_AUTHORS = 1_000;

/** Opens tickets in Zendesk accounts. */
export function createZendesk({
  requestTimeoutMs = 45_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const dispatcher = createGuardedAgent(guard);
  /** Who signs in, by account and edition of the connection. */
  const authors = createRecent<{ id?: number }>(MOST_AUTHORS);
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      check: async (account, signal) => checkAccount(openApi({ dispatcher, account, signal }), account.config),
    },
    async send(request) {
      const { event, account, signal } = request;
      if (!isTicketed(event)) {
        throw new DeliveryFailure('InvalidConfig', `There is no ticket for ${event.type}; remove that subscription.`);
      }
      const api = openApi({ dispatcher, account, signal });
      const author = authors.of(digestOf(account, request.connectionEdition), () => ({}));
      const findAuthor = async (): Promise<number> => (author.id ??= (await api.me()).id);
      return await writeTicket({ request, event, api, findAuthor });
    },
  });
  return { ...consumer, about, close: () => dispatcher.destroy() };
}

const digestOf = ({ config: { email, subdomain, endpoint }, secrets }: ZendeskAccount, edition: number): string =>
  createHash('sha256')
    .update(JSON.stringify([edition, subdomain, endpoint, email, secrets]))
    .digest('hex');
