import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createSmtpDial } from '../../http/dial';
import type { GuardOptions } from '../../http/guard';
import { configSchema, portOf, secretsSchema } from './account';
import { findRecipients, hasContent, isMailed } from './find-recipients';
import { sendAll } from './send-all';
import { smtpAnswers, smtpFailure } from './smtp-failure';
import { createSmtpPools } from './smtp-pools';
import { SmtpSession } from './smtp-session';

const about: ConsumerAbout = {
  what: "Mails `Chat.Ended` as a transcript and `OfflineMessage.Submit` as a notification with its file, by a site's SMTP account, one message to each recipient. Without a recipient, or where nothing was written, the delivery is done, with the receipt `skipped`.",
  idempotency:
    'Each acceptance is saved at once, by a digest of the address, and a retry mails only the others. The Message-ID is the same on every try: `<delivery id.digest@domain of from>`. A server that has the whole message is given ten minutes to answer. Without an answer the same bytes are sent once more, and never a third time: the delivery is then `Unconfirmed`.',
  failures: smtpAnswers,
};

interface Options extends GuardOptions {
  /** Certificate (PEM) to trust instead of Node's own; for tests. */
  readonly ca?: string;
  /** Longest time for all that comes before the answers, in milliseconds; default 45,000. */
  readonly requestTimeoutMs?: number;
  /** Longest wait for the answer to a whole message, in milliseconds; default ten minutes (RFC 5321 4.5.3.2.6). */
  readonly answerWithinMs?: number;
  /** Time without that answer after which the delivery remembers what was sent, in milliseconds; default 2,000. */
  readonly onRecordAfterMs?: number;
}

/** Mails transcripts and offline messages by a site's SMTP account: one message to each recipient. */
export function createEmail({
  ca,
  requestTimeoutMs = 45_000,
  answerWithinMs = 600_000,
  onRecordAfterMs = 2_000,
  ...guard
}: Options): ExternalConsumer & Documented & { close(): void } {
  const dial = createSmtpDial(guard);
  const network = { dial, ca };
  const pools = createSmtpPools(network);
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge: (config) => dial.judge(config.host, portOf(config)),
      async check(account, signal) {
        const { config } = account;
        const session = await SmtpSession.open(account, network, signal).catch((error: unknown) => {
          throw smtpFailure(error);
        });
        const tls = session.tlsVersion;
        session.quit();
        const accepted = config.username === undefined ? 'answers without sign-in' : 'accepts the account';
        return `${config.host}:${portOf(config)} ${accepted}, ${tls ?? 'plain text'}`;
      },
    },
    async send(request) {
      const { event, account } = request;
      if (!isMailed(event)) {
        throw new DeliveryFailure('InvalidConfig', `There is no mail for ${event.type}; remove that subscription.`);
      }
      const all = findRecipients(event, account.config);
      if (all.length === 0) return { skipped: 'no recipient' };
      const recipients = all.filter((recipient) => hasContent(event, recipient));
      if (recipients.length === 0) return { skipped: 'nothing was written' };
      return sendAll(pools, request, event, recipients, { answerWithinMs, onRecordAfterMs });
    },
  });
  return { ...consumer, about, close: () => pools.close() };
}
