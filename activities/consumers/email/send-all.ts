import type { Receipt } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { composeContent, composeMail, messageIdOf, type Content } from './compose-mail';
import type { MailedEvent, Recipient } from './find-recipients';
import { NO_UTF8, sendCopy, type EmailRequest, type SmtpPools } from './send-copy';
import { openUnansweredCopies } from './unanswered-copies';

/** After the whole of a mail was sent, in milliseconds. */
export interface Waits {
  /** Longest wait for the answer. */
  readonly answerWithinMs: number;
  /** A copy is on record when its answer is not there after this, so that a process that is killed does not forget it. */
  readonly onRecordAfterMs: number;
}

/** The server's answer to a refused recipient, as it is saved. */
interface Refusal {
  readonly code: unknown;
  readonly enhancedStatus?: unknown;
}

/** The outcomes of the recipients that were not accepted. */
interface Rest {
  readonly refused: (Refusal & { readonly recipient: string })[];
  readonly unconfirmed: Recipient[];
  /** The server takes no address in this script. */
  readonly leftOut: Recipient[];
  /** Of those that can get it later. */
  readonly failures: unknown[];
}

/**
 * Sends to all recipients who have not got the mail yet. The outcome of each is saved at once, so that none gets it twice.
 *
 * @throws DeliveryFailure of those who can get it later, else Unconfirmed when some may have it, else Rejected when some are
 *   refused for good
 */
export async function sendAll(
  pools: SmtpPools,
  request: EmailRequest,
  event: MailedEvent,
  recipients: readonly Recipient[],
  waits: Waits,
): Promise<Receipt> {
  const contents = composeOnce(request, event);
  try {
    const rest = await sendEach(pools, request, event, recipients, waits, contents.of);
    return conclude(request, recipients, rest);
  } finally {
    contents.end();
  }
}

async function sendEach(
  pools: SmtpPools,
  request: EmailRequest,
  event: MailedEvent,
  recipients: readonly Recipient[],
  { answerWithinMs, onRecordAfterMs }: Waits,
  contentFor: (isForVisitor: boolean) => Promise<Content>,
): Promise<Rest> {
  const { deliveryId, account, progress, signal } = request;
  const copies = openUnansweredCopies(request, onRecordAfterMs);
  const rest: Rest = { refused: [], unconfirmed: [], leftOut: [], failures: [] };
  for (const recipient of recipients) {
    const { hash } = recipient;
    if (progress[`accepted.${hash}`] !== undefined) continue;
    // A redrive starts at no tries: the operator may have had the refusal mended.
    const before = request.tries > 0 ? progress[`refused.${hash}`] : undefined;
    if (before !== undefined) {
      rest.refused.push({ recipient: hash, ...(typeof before === 'object' ? (before as Refusal) : { code: before }) }); // as saved below
      continue;
    }
    if (copies.isFull(hash)) {
      rest.unconfirmed.push(recipient);
      continue;
    }
    if (signal.aborted || request.stopping.aborted) {
      const message = 'There was no time left for the other recipients; the next attempt sends to them.';
      rest.failures.push(new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs: 1_000 }));
      break;
    }
    const mail = composeMail(event, deliveryId, account.config.from, recipient, await contentFor(recipient.isVisitor));
    const outcome = await sendCopy(pools, request, recipient, mail, answerWithinMs, () => copies.begin(hash));
    if (outcome === NO_UTF8) rest.leftOut.push(recipient);
    else if (outcome.answer !== undefined) await request.saveProgress({ [`accepted.${hash}`]: outcome.answer });
    else if (outcome.isSent) {
      await copies.add(hash, request.stopping.aborted);
      if (copies.isFull(hash)) rest.unconfirmed.push(recipient);
      else rest.failures.push(outcome.failure);
    } else if (outcome.failure.type === 'Rejected') {
      const refusal = refusalOf(outcome.failure);
      await request.saveProgress({ [`refused.${hash}`]: refusal });
      rest.refused.push({ recipient: hash, ...refusal });
    } else {
      rest.failures.push(outcome.failure);
    }
  }
  return rest;
}

function refusalOf({ details }: DeliveryFailure): Refusal {
  const { responseCode, code, enhancedStatus } = details;
  return { code: responseCode ?? code, ...(enhancedStatus !== undefined && { enhancedStatus }) };
}

/** The receipt of the delivery, or the failure that it ends with. */
function conclude(
  { deliveryId, account }: EmailRequest,
  recipients: readonly Recipient[],
  { refused, unconfirmed, leftOut, failures }: Rest,
): Receipt {
  if (failures.length > 0) throw failures[0];
  const messageIds = (of: readonly Recipient[]) =>
    of.map((recipient) => messageIdOf(deliveryId, account.config.from, recipient));
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

/** The content for either audience, composed when it is first asked for. */
function composeOnce(request: EmailRequest, event: MailedEvent) {
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
