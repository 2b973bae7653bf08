import { signInOf } from '../../connections/sign-in-store';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { configSchema, secretsSchema } from './account';
import { openApi } from './api';
import { checkOrg } from './check-org';
import { isSent, readOrder } from './read-order';
import { salesforceAnswers } from './salesforce-codes';
import { createSessions } from './sessions';
import { tryWrite } from './try-write';
import { writeOrder, type WriteOptions } from './write-order';

const about: ConsumerAbout = {
  what: "Writes a case or a task to a site's Salesforce org, to a contact or lead that is found, updated or created: for `Chat.Ended` as the event's `Salesforce` object says (eleven modes), for `OfflineMessage.Submit` as the connection says. All of one event is written at once, or nothing.",
  guide: '[a Salesforce org](salesforce-accounts.md)',
  idempotency:
    "Case, task, contact and lead carry the delivery's id in a unique external-id field, so that a repeat is refused by Salesforce and found again, and no agent's edit is overwritten. In an org without that field the subject carries a mark, which is looked for before each write; that is [less sure](salesforce-accounts.md#repeats). The receipt says `strong` or `weak`.",
  failures: salesforceAnswers,
};

interface Options extends GuardOptions {
  /** Default 45,000. */
  readonly requestTimeoutMs?: number;
  /**
   * Where repeats are recognised by looking: a request that was given up may still be at work for so long, in milliseconds.
   * Default 20,000.
   */
  readonly settlesWithinMs?: number;
}

/** Writes chats and offline messages to Salesforce orgs. */
export function createSalesforce({
  requestTimeoutMs = 45_000,
  settlesWithinMs = 20_000,
  ...guard
}: Options): Required<ExternalConsumer> & Documented {
  const dispatcher = createGuardedAgent(guard);
  const sessions = createSessions(dispatcher);
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge: ({ loginUrl }) => dispatcher.judge(loginUrl, 'Salesforce'),
      async check(account, signal, signIn = signInOf(account.secrets).store) {
        const session = sessions.alone(account);
        return await checkOrg(openApi({ dispatcher, session, account, signIn, signal }), account.config);
      },
      async tryWrite(account, signal, say, signIn = signInOf(account.secrets).store) {
        const session = sessions.alone(account);
        return await tryWrite(openApi({ dispatcher, session, account, signIn, signal }), account.config, say);
      },
    },
    async send(request) {
      const { event, account, deliveryId, signIn, signal, tries, progress } = request;
      if (!isSent(event)) {
        throw new DeliveryFailure('InvalidConfig', `Nothing is written for ${event.type}; remove that subscription.`);
      }
      const order = readOrder(event, account.config);
      if (order === null) return { skipped: 'no fields' };
      const session = sessions.of(account, request);
      session.quota.check();
      const begun = progress['begun'];
      if (typeof begun === 'number') waitUntil(begun + settlesWithinMs);
      const api = openApi({ dispatcher, session, account, signIn, signal });
      const options: WriteOptions = {
        order,
        key: deliveryId,
        keyField: account.config.keyField,
        assignmentRules: account.config.assignmentRules,
        duplicates: account.config.duplicates,
        mayBeWritten: tries > 0 || begun !== undefined,
        beforeWeakWrite: () => request.saveProgress({ begun: Date.now() }),
        files: event.type === 'OfflineMessage.Submit' ? await request.loadAttachments() : [],
      };
      try {
        return await writeOrder(api, options);
      } catch (error) {
        // Nothing was written. The session's descriptions of the org may be older than a change by its administrator.
        const mayBeMended = error instanceof DeliveryFailure && error.type === 'Rejected' && session.forgetObjects();
        if (!mayBeMended) throw error;
        return await writeOrder(api, options);
      }
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

function waitUntil(settled: number): void {
  const left = settled - Date.now();
  if (left <= 0) return;
  throw new DeliveryFailure(
    'Unavailable',
    'A request of an earlier attempt may still be at work in Salesforce; its records are looked for later.',
    {
      ours: true,
      retryAfterMs: left,
    },
  );
}
