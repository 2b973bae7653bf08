import type { SendMailOptions } from 'nodemailer';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Receipt, SendRequest } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import type { EmailConfig, EmailSecrets } from './account';
import { composeContent, composeMail, messageIdOf, type Content } from './compose-mail';
import type { MailedEvent, Recipient } from './find-recipients';
import { isAboutOneMessage, smtpFailure } from './smtp-failure';
import type { createSmtpPools } from './smtp-pools';
import { NeedsUtf8 } from './smtp-session';

type Request = SendRequest<EmailConfig, EmailSecrets>;
type Pools = ReturnType<typeof createSmtpPools>;

/** Copies of one mail that may have arrived: no third one is sent without an operator. */
const MOST_UNANSWERED = 2;
/** After the whole of a message, in milliseconds. */
export interface Waits {
  /** Longest wait for the answer. */
  readonly answerWithinMs: number;
  /** A copy is on record when its answer is not there after this, so that a process that is killed does not forget it. */
  readonly onRecordAfterMs: number;
}

/** What the server has said of a refused recipient. */
interface Refusal {
  readonly code: unknown;
  readonly enhancedStatus?: unknown;
}

/**
 * Sends to all who have not got it yet. What becomes of each is saved at once, so that nobody gets it twice.
 *
 * @throws DeliveryFailure of those who can get it later, else Unconfirmed when some may have it, else Rejected when some are
 *   refused for good
 */
export async function sendAll(
  pools: Pools,
  request: Request,
  event: MailedEvent,
  recipients: readonly Recipient[],
  waits: Waits,
): Promise<Receipt> {
  const contents = composeOnce(request, event);
  try {
    return await sendEach(pools, request, event, recipients, waits, contents.of);
  } finally {
    contents.end();
  }
}

async function sendEach(
  pools: Pools,
  request: Request,
  event: MailedEvent,
  recipients: readonly Recipient[],
  waits: Waits,
  contentFor: (isForVisitor: boolean) => Promise<Content>,
): Promise<Receipt> {
  const { deliveryId, account, progress, signal } = request;
  const { from } = account.config;
  const copies = openCopies(request, waits.onRecordAfterMs);
  const refused: (Refusal & { readonly recipient: string })[] = [];
  const unconfirmed: Recipient[] = [];
  const leftOut: Recipient[] = [];
  const failures: unknown[] = [];
  for (const recipient of recipients) {
    const { hash } = recipient;
    if (progress[`accepted.${hash}`] !== undefined) continue;
    // A redrive starts at no tries: the operator may have had the refusal mended.
    const before = request.tries > 0 ? progress[`refused.${hash}`] : undefined;
    if (before !== undefined) {
      refused.push({ recipient: hash, ...(typeof before === 'object' ? (before as Refusal) : { code: before }) }); // as saved below
      continue;
    }
    if (copies.of(hash) >= MOST_UNANSWERED) {
      unconfirmed.push(recipient);
      continue;
    }
    if (signal.aborted) {
      const message = 'There was no time left for the other recipients; they come next.';
      failures.push(new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs: 1_000 }));
      break;
    }
    const mail = composeMail(event, deliveryId, from, recipient, await contentFor(recipient.isVisitor));
    const outcome = await sendOne(pools, request, recipient, mail, waits.answerWithinMs, () => copies.begin(hash));
    if (outcome === NO_UTF8) leftOut.push(recipient);
    else if (outcome.answer !== undefined) await request.saveProgress({ [`accepted.${hash}`]: outcome.answer });
    else if (outcome.isSent) {
      await copies.add(hash, request.stopping.aborted);
      if (copies.of(hash) >= MOST_UNANSWERED) unconfirmed.push(recipient);
      else failures.push(outcome.failure);
    } else if (outcome.failure.type === 'Rejected') {
      const { responseCode, code, enhancedStatus } = outcome.failure.details;
      const refusal: Refusal = { code: responseCode ?? code, ...(enhancedStatus !== undefined && { enhancedStatus }) };
      await request.saveProgress({ [`refused.${hash}`]: refusal });
      refused.push({ recipient: hash, ...refusal });
    } else {
      failures.push(outcome.failure);
    }
  }
  if (failures.length > 0) throw failures[0];
  const messageIds = (of: readonly Recipient[]) => of.map((recipient) => messageIdOf(deliveryId, from, recipient));
  const reached = recipients.filter((recipient) => !leftOut.includes(recipient));
  const accepted = reached.length - refused.length - unconfirmed.length;
  if (unconfirmed.length > 0) {
    const message = `${unconfirmed.length} of ${recipients.length} recipients: the SMTP server was sent the whole mail and did not answer; look for the Message-ID, then discard the delivery, or redrive it by name.`;
    const details = { accepted, unconfirmed: messageIds(unconfirmed), ...(refused.length > 0 && { refused }) };
    throw new DeliveryFailure('Unconfirmed', message, { details });
  }
  const left = leftOut.map(({ hash }) => ({ recipient: hash, reason: 'the server offers no SMTPUTF8' }));
  if (refused.length === 0) {
    return { accepted, messageIds: messageIds(reached), ...(left.length > 0 && { leftOut: left }) };
  }
  const message = `${refused.length} of ${recipients.length} recipients are refused for good; correct their addresses.`;
  throw new DeliveryFailure('Rejected', message, { details: { accepted, refused } });
}

/** The server cannot be told an address in this script. */
const NO_UTF8 = 'no SMTPUTF8';

type Outcome =
  | typeof NO_UTF8
  | { readonly answer: number | true; readonly failure?: never; readonly isSent?: never }
  | { readonly answer?: never; readonly failure: DeliveryFailure; readonly isSent: boolean };

/** @throws DeliveryFailure when the account or the connection is the matter: the next message would fare the same */
async function sendOne(
  pools: Pools,
  request: Request,
  recipient: Recipient,
  mail: SendMailOptions,
  answerWithinMs: number,
  beginCopy: () => Copy,
): Promise<Outcome> {
  const { connectionId, account, signal, stopping } = request;
  let copy: Copy | undefined;
  let endWait = (): void => {};
  const onSent = (): AbortSignal => {
    const answered = request.allSent();
    const begun = (copy = beginCopy());
    Object.assign(mail, { html: '', text: '', attachments: [] }); // it is sent, and its answer may take long
    const ending = new AbortController();
    const end = (): void => ending.abort();
    const timer = setTimeout(end, answerWithinMs);
    stopping.addEventListener('abort', end); // AbortSignal.any would keep something of each for as long as the process runs
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
    const response = await pools.send(connectionId ?? '', account, () => {
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

/** One copy whose answer is waited for. */
interface Copy {
  /** The wait is over. */
  end(): void;
  /** It was answered, and not taken: the count is as before. */
  withdraw(): Promise<void>;
}

/** Counts the copies that were sent without an answer, by recipient, and keeps the counts with the delivery. */
function openCopies(request: Request, onRecordAfterMs: number) {
  const counts = { ...(request.progress['unanswered'] as Record<string, number> | undefined) }; // as saved here
  const of = (hash: string): number => counts[hash] ?? 0;
  let noted: Promise<void> | undefined;
  const note = (hash: string, count: number): Promise<void> => {
    counts[hash] = count;
    return request.saveProgress({ unanswered: { ...counts } });
  };
  return {
    of,
    /** One is out; without an answer it is soon on record. */
    begin(hash: string): Copy {
      noted = undefined;
      const before = of(hash);
      const timer = setTimeout(() => {
        noted = note(hash, before + 1);
        noted.catch(() => {}); // `add` says so, and `withdraw` writes again
      }, onRecordAfterMs);
      const end = (): void => clearTimeout(timer);
      return {
        end,
        async withdraw() {
          end();
          if (noted === undefined) return;
          await noted.catch(() => {});
          await note(hash, before);
        },
      };
    },
    /** The one that was begun last had no answer. `isLast`: nor is there to be another one. */
    async add(hash: string, isLast: boolean): Promise<void> {
      await (noted ?? note(hash, of(hash) + 1));
      if (isLast) await note(hash, MOST_UNANSWERED);
    },
  };
}

/** The content for either audience, written when it is first asked for. */
function composeOnce(request: Request, event: MailedEvent) {
  const contents = new Map<boolean, Promise<Content>>();
  const clear = (): void => contents.clear();
  request.signal.addEventListener('abort', clear, { once: true }); // no other recipient comes then
  const compose = async (isForVisitor: boolean): Promise<Content> =>
    composeContent(event, event.type === 'OfflineMessage.Submit' ? await request.loadAttachments() : [], isForVisitor);
  return {
    of: (isForVisitor: boolean): Promise<Content> => {
      const content = contents.get(isForVisitor) ?? compose(isForVisitor);
      contents.set(isForVisitor, content);
      return content;
    },
    end: (): void => request.signal.removeEventListener('abort', clear),
  };
}
