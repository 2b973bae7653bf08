import type { SendMailOptions } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { SendRequest } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import type { EmailConfig, EmailSecrets } from './account';
import type { Recipient } from './find-recipients';
import { isAboutOneMessage, smtpFailure } from './smtp-failure';
import type { createSmtpPools } from './smtp-pools';
import { NeedsUtf8 } from './smtp-session';
import type { Copy } from './unanswered-copies';

export type EmailRequest = SendRequest<EmailConfig, EmailSecrets>;
export type SmtpPools = ReturnType<typeof createSmtpPools>;

/** The server cannot be given an address in this script. */
export const NO_UTF8 = 'no SMTPUTF8';

type Outcome =
  | typeof NO_UTF8
  | { readonly answer: number | true; readonly failure?: never; readonly isSent?: never }
  | { readonly answer?: never; readonly failure: DeliveryFailure; readonly isSent: boolean };

/**
 * Sends one mail to one recipient.
 *
 * @param answerWithinMs longest wait for the answer to the whole mail
 * @param beginCopy called when the whole mail is sent
 * @throws DeliveryFailure for a reason of the account or the connection, which the next mail would meet, too
 */
export async function sendCopy(
  pools: SmtpPools,
  request: EmailRequest,
  recipient: Recipient,
  mail: SendMailOptions,
  answerWithinMs: number,
  beginCopy: () => Copy,
): Promise<Outcome> {
  const { account, signal, stopping } = request;
  let copy: Copy | undefined;
  let endWait = (): void => {};
  const onSent = (): AbortSignal => {
    const answered = request.allSent();
    const begun = (copy = beginCopy());
    Object.assign(mail, { html: '', text: '', attachments: [] }); // it is sent, and its answer may take long
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, answerWithinMs);
    stopping.addEventListener('abort', end); // AbortSignal.any would keep memory for each as long as the process runs
    endWait = () => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', end);
      begun.end();
      answered();
    };
    if (stopping.aborted) end();
    return ending.signal;
  };
  try {
    const response = await pools.send(request, () => {
      const content = new MailComposer(mail).compile().createReadStream();
      return { from: account.config.from.address, to: recipient.address, content, signal, onSent };
    });
    return { answer: Number(/^\d{3}/.exec(response)?.[0] ?? 0) || true };
  } catch (error) {
    if (error instanceof NeedsUtf8) return NO_UTF8;
    const failure = smtpFailure(error);
    if ((error as { sent?: boolean } | null)?.sent === true) return { failure: noAnswer(failure), isSent: true };
    await copy?.withdraw();
    if (failure instanceof DeliveryFailure && isAboutOneMessage(error)) return { failure, isSent: false };
    throw failure;
  } finally {
    endWait();
  }
}

function noAnswer(cause: unknown): DeliveryFailure {
  const message = 'The SMTP server was sent the whole mail and did not answer; it is sent once more.';
  const details = cause instanceof DeliveryFailure ? cause.details : {};
  return new DeliveryFailure('Unavailable', message, { cause, details: { ...details, sent: true } });
}
