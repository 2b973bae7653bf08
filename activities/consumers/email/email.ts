import type { SendMailOptions } from 'nodemailer';
import {
  externalConsumer,
  type ConsumerAbout,
  type Documented,
  type ExternalConsumer,
  type Receipt,
  type SendRequest,
} from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { configSchema, portOf, secretsSchema, type EmailConfig, type EmailSecrets } from './account';
import { composeContent, composeMail, messageIdOf, type Content } from './compose-mail';
import { findRecipients, isMailed, type MailedEvent, type Recipient } from './find-recipients';
import { isAboutOneMessage, smtpAnswers, smtpFailure } from './smtp-failure';
import { createSmtpPools, signIn, type SmtpTransport } from './smtp-pools';

type Request = SendRequest<EmailConfig, EmailSecrets>;

const about: ConsumerAbout = {
  what: "Mails `Chat.Ended` as a transcript and `OfflineMessage.Submit` as a notification with its file, by a site's SMTP account, one message to each recipient. Without a recipient the delivery is done, with the receipt `skipped`.",
  idempotency:
    'Each acceptance is saved at once, by a digest of the address, and a retry mails only the others. The Message-ID is the same on every try: `<delivery id.digest@domain of from>`. When the connection ends between a message and its answer, the same bytes are sent once more.',
  failures: smtpAnswers,
};

interface Options {
  /** Certificate (PEM) to trust instead of Node's own; for tests. */
  readonly ca?: string;
}

/** Mails transcripts and offline messages by a site's SMTP account: one message to each recipient. */
export function createEmail({ ca }: Options = {}): ExternalConsumer & Documented & { close(): void } {
  const pools = createSmtpPools(ca);
  const consumer = externalConsumer({
    requestTimeoutMs: 45_000,
    connection: {
      config: configSchema,
      secrets: secretsSchema,
      async check(account, signal) {
        const { config } = account;
        const tls = await signIn(account, ca, signal).catch((error: unknown) => {
          throw smtpFailure(error);
        });
        const accepted = config.username === undefined ? 'answers without sign-in' : 'accepts the account';
        return `${config.host}:${portOf(config)} ${accepted}, ${tls ?? 'plain text'}`;
      },
    },
    async send(request) {
      const { event, account, connectionId } = request;
      if (!isMailed(event)) {
        throw new DeliveryFailure('InvalidConfig', `There is no mail for ${event.type}; remove that subscription.`);
      }
      const recipients = findRecipients(event, account.config);
      if (recipients.length === 0) return { skipped: 'no recipient' };
      return pools.use(connectionId ?? '', account, (transport) => sendAll(transport, request, event, recipients));
    },
  });
  return { ...consumer, about, close: () => pools.close() };
}

/**
 * Sends to all who have not got it yet. What becomes of each is saved at once, so that nobody gets it twice.
 *
 * @throws DeliveryFailure of those who can get it later, else Rejected when some are refused for good
 */
async function sendAll(
  transport: SmtpTransport,
  request: Request,
  event: MailedEvent,
  recipients: readonly Recipient[],
): Promise<Receipt> {
  const { deliveryId, account, progress, signal } = request;
  const { from } = account.config;
  const contentFor = composeOnce(request, event);
  const refused: { recipient: string; code: unknown }[] = [];
  const failures: unknown[] = [];
  for (const recipient of recipients) {
    const { hash } = recipient;
    // A redrive starts at no tries: the operator may have had the refusal mended.
    const before = request.tries > 0 ? progress[`refused.${hash}`] : undefined;
    if (before !== undefined) refused.push({ recipient: hash, code: before });
    if (before !== undefined || progress[`accepted.${hash}`] !== undefined) continue;
    const mail = composeMail(event, deliveryId, from, recipient, await contentFor(recipient.isVisitor));
    const outcome = await sendOne(transport, { ...mail, signal });
    if (outcome.failure === undefined) {
      await request.saveProgress({ [`accepted.${hash}`]: outcome.answer });
    } else if (outcome.failure.type === 'Rejected') {
      const code = outcome.failure.details['responseCode'] ?? outcome.failure.details['code'];
      await request.saveProgress({ [`refused.${hash}`]: code });
      refused.push({ recipient: hash, code });
    } else {
      failures.push(outcome.failure);
    }
  }
  if (failures.length > 0) throw failures[0];
  const accepted = recipients.length - refused.length;
  if (refused.length === 0) {
    return { accepted, messageIds: recipients.map((recipient) => messageIdOf(deliveryId, from, recipient)) };
  }
  const message = `${refused.length} of ${recipients.length} recipients are refused for good; correct their addresses.`;
  throw new DeliveryFailure('Rejected', message, { details: { accepted, refused } });
}

type Outcome = { readonly answer: number | true; readonly failure?: never } | { readonly failure: DeliveryFailure };

/** @throws DeliveryFailure when the account or the connection is the matter: the next message would fare the same */
async function sendOne(transport: SmtpTransport, mail: SendMailOptions): Promise<Outcome> {
  try {
    const { response } = await transport.sendMail(mail);
    return { answer: Number(/^\d{3}/.exec(response)?.[0] ?? 0) || true };
  } catch (error) {
    const failure = smtpFailure(error);
    if (failure instanceof DeliveryFailure && isAboutOneMessage(error)) return { failure };
    throw failure;
  }
}

/** The content for either audience, written when it is first asked for. */
function composeOnce(request: Request, event: MailedEvent): (isForVisitor: boolean) => Promise<Content> {
  const contents = new Map<boolean, Promise<Content>>();
  const compose = async (isForVisitor: boolean): Promise<Content> =>
    composeContent(event, event.type === 'OfflineMessage.Submit' ? await request.loadAttachments() : [], isForVisitor);
  return (isForVisitor) => {
    const content = contents.get(isForVisitor) ?? compose(isForVisitor);
    contents.set(isForVisitor, content);
    return content;
  };
}
