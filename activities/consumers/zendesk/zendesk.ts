import { createHash } from 'node:crypto';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { configSchema, secretsSchema, type ZendeskAccount } from './account';
import { openApi, type Api } from './api';
import { checkAccount } from './check-account';
import { isTicketed } from './compose-ticket';
import { writeTicket } from './write-ticket';
import { zendeskAnswers } from './zendesk-failure';

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

/** A list of tickets or of fields takes a few megabytes. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;

/** Opens tickets in Zendesk accounts. */
export function createZendesk({
  requestTimeoutMs = 45_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const dispatcher = createGuardedAgent({ ...guard, maxResponseBytes: MAX_RESPONSE_BYTES });
  const authors = createAuthors();
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
      return await writeTicket({ request, event, api, findAuthor: () => authors.find(account, api) });
    },
  });
  return { ...consumer, about, close: () => dispatcher.destroy() };
}

/** Asks once who signs in by an account's credentials. */
function createAuthors() {
  const known = new Map<string, number>();
  return {
    async find(account: ZendeskAccount, api: Api): Promise<number> {
      const { email, subdomain, endpoint } = account.config;
      const identity = JSON.stringify([subdomain, endpoint, email, account.secrets]);
      const digest = createHash('sha256').update(identity).digest('hex');
      const id = known.get(digest) ?? (await api.me()).id;
      known.set(digest, id);
      return id;
    },
  };
}
