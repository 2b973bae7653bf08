import { signInOf } from '../../connections/sign-in-store';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { configSchema, originOf, secretsSchema } from './account';
import { openApi } from './api';
import { checkAccount } from './check-account';
import { isTicketed } from './compose-ticket';
import { endOfCredentials } from './describe-credentials';
import { createSessions } from './sessions';
import { writeTicket } from './write-ticket';
import { zendeskAnswers } from './zendesk-codes';

const about: ConsumerAbout = {
  what: "Opens a ticket in a site's Zendesk account: for `Chat.Ended` with the transcript, for `OfflineMessage.Submit` with the message and its file. The comment is an internal note, which Zendesk mails to no visitor, unless `commentPublic` says otherwise; its author is always the connection's user, as what a visitor enters is not verified.",
  guide: '[a Zendesk account](zendesk-accounts.md)',
  idempotency:
    "`Idempotency-Key` and `external_id` are the delivery's id, and the posted ticket is the same on every try. Before a repeat the ticket with that `external_id` is looked for (among archived ones, too, where the event is more than three days old) and taken, so that no agent's edit is overwritten; within two hours Zendesk recognises the key as well.",
  failures: zendeskAnswers,
};

interface Options extends GuardOptions {
  /** Default 45,000. */
  readonly requestTimeoutMs?: number;
}

/** Opens tickets in Zendesk accounts. */
export function createZendesk({
  requestTimeoutMs = 45_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const dispatcher = createGuardedAgent(guard);
  const sessions = createSessions(dispatcher);
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge: (config) => dispatcher.judge(originOf(config), 'Zendesk'),
      endsAt: endOfCredentials,
      async check(account, signal, signIn = signInOf(account.secrets).store) {
        const session = sessions.alone(account);
        const api = openApi({ dispatcher, account, session, signIn, signal });
        return await checkAccount(api, account, session);
      },
    },
    async send(request) {
      const { event, account, signIn, signal } = request;
      if (!isTicketed(event)) {
        throw new DeliveryFailure('InvalidConfig', `There is no ticket for ${event.type}; remove that subscription.`);
      }
      const session = sessions.of(account, request);
      const api = openApi({ dispatcher, account, session, signIn, signal });
      const findAuthor = async (): Promise<number> => (session.authorId ??= (await api.me()).id);
      return await writeTicket({ request, event, api, findAuthor });
    },
  });
  return {
    ...consumer,
    about,
    async close() {
      await sessions.settled();
      await dispatcher.destroy();
    },
  };
}
