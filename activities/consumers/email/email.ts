import { signInOf } from '../../connections/sign-in-store';
import { externalConsumer, type ConsumerAbout, type Documented, type ExternalConsumer } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { createSmtpDial } from '../../http/dial';
import { createHostResolver } from '../../http/dns/host-resolver';
import { createGuardedAgent, type GuardOptions } from '../../http/guard';
import { createAccessTokens } from './access-tokens';
import { configSchema, portOf, secretsSchema } from './account';
import { tokenUrlOf } from './credentials';
import { findRecipients, hasContent, isMailed } from './find-recipients';
import { describeEnd, endOfCredentials, limitsFor } from './providers';
import { sendAll } from './send-all';
import { smtpAnswers, smtpFailure } from './smtp-failure';
import { createSmtpPools } from './smtp-pools';
import { SmtpSession } from './smtp-session';
import { tenantAnswer, tokenAnswers } from '../../http/token-refusal';

const about: ConsumerAbout = {
  what: "Mails `Chat.Ended` as a transcript and `OfflineMessage.Submit` as a notification with its file, by a site's SMTP account, one message to each recipient. Without a recipient, or where nothing was written, the delivery is done, with the receipt `skipped`.",
  guide: '[an SMTP account](smtp-accounts.md)',
  idempotency:
    'Each acceptance is saved at once, by a digest of the address, and a retry mails only the others. The Message-ID is the same on every try: `<delivery id.digest@domain of from>`. A server that has the whole message is given ten minutes to answer. Without an answer the same bytes are sent once more, and never a third time: the delivery is then `Unconfirmed`.',
  failures: [
    ...smtpAnswers,
    ['XOAUTH2: 535', 'a new token, once; then as any other 535'],
    tenantAnswer,
    [
      'OAuth: `invalid_grant` for `jwtBearer`, while the clock of the worker is wrong',
      'signed once more by their time',
    ],
    ...tokenAnswers,
  ],
};

interface Options extends GuardOptions {
  /** Certificate (PEM) to trust instead of Node's own; for tests. */
  readonly ca?: string;
  /** Longest time for all that comes before the answers, in milliseconds; default 45,000. */
  readonly requestTimeoutMs?: number;
  /** Longest wait for the answer to a whole message, in milliseconds; default ten minutes (RFC 5321 4.5.3.2.6). */
  readonly answerWithinMs?: number;
  /** Time without that answer after which the delivery's row records the send, in milliseconds; default 2,000. */
  readonly onRecordAfterMs?: number;
}

/** Mails transcripts and offline messages by a site's SMTP account: one message to each recipient. */
export function createEmail({
  ca,
  requestTimeoutMs = 45_000,
  answerWithinMs = 600_000,
  onRecordAfterMs = 2_000,
  allowedAddresses,
  resolver = createHostResolver(),
}: Options): Required<ExternalConsumer> & Documented {
  const dial = createSmtpDial({ allowedAddresses, resolver });
  const agent = createGuardedAgent({ allowedAddresses, resolver });
  const tokens = createAccessTokens(agent);
  const network = { dial, ca };
  const pools = createSmtpPools(network, tokens);
  const consumer = externalConsumer({
    requestTimeoutMs,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      judge(config) {
        dial.judge(config.host, portOf(config));
        const tokenUrl = tokenUrlOf(config);
        if (tokenUrl !== undefined) agent.judge(tokenUrl, 'The token server');
      },
      limits: limitsFor,
      endsAt: endOfCredentials,
      async check(account, signal, signIn = signInOf(account.secrets).store) {
        const { config } = account;
        const findToken = tokens.alone(signIn);
        const session = await SmtpSession.open(account, findToken, network, signal).catch((error: unknown) => {
          throw smtpFailure(error);
        });
        const tls = session.tlsVersion;
        session.quit();
        const accepted = config.username === undefined ? 'answers without sign-in' : 'accepts the account';
        const says = `${config.host}:${portOf(config)} ${accepted}, ${tls ?? 'plain text'}`;
        return [says, describeEnd(account)].filter(Boolean).join('\n');
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
  return {
    ...consumer,
    about,
    async close() {
      pools.close();
      await tokens.settled();
      await agent.destroy();
    },
  };
}
