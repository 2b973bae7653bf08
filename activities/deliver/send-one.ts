import { Context } from '@temporalio/activity';
import type { TakenDelivery } from '../../db/take-deliveries';
import { askUntil } from '../ask-until';
import { openAccount } from '../connections/open-account';
import { openSignInStore, signInOf } from '../connections/sign-in-store';
import type { ExternalConsumer, Receipt, SendRequest } from '../consumer';
import { DeliveryFailure } from '../failures';
import { sendingSite } from '../http/dns/host-resolver';
import { AnswerDeadline } from './answer-deadline';
import { comingBack } from './coming-back';
import type { DeliverCall } from './deliver-call';
import { endOfLate } from './late-answers';
import { openBodies, type Bodies } from './load-bodies';

/**
 * Has the consumer send one delivery.
 *
 * @param onLate called when the deadline is over and only the answer is missing; the result comes all the same
 * @throws DeliveryFailure of the consumer, or Unavailable
 */
export async function sendOne(
  consumer: ExternalConsumer,
  row: TakenDelivery,
  call: DeliverCall,
  onLate: () => void,
): Promise<Receipt> {
  const { cancellationSignal: cancelled } = Context.current();
  const bodies = openBodies(row, call);
  const deadline = new AnswerDeadline(consumer.requestTimeoutMs, cancelled);
  const writing = new Set<Promise<unknown>>();
  /** Neither the deadline of the attempt nor its cancellation ends the writing of the outcome. */
  const write = async <T>(ask: () => Promise<T>): Promise<T> => {
    const asking = askUntil(deadline.isLate ? endOfLate() : call.endsAt, ask);
    writing.add(asking);
    return await asking.finally(() => writing.delete(asking));
  };
  let storing = 0;
  /** A sign-in is stored by itself, also when the attempt has ended: other deliveries wait for it, too. */
  const noteStoring = async <T>(asking: Promise<T>): Promise<T> => {
    storing += 1;
    return await asking.finally(() => void (storing -= 1));
  };
  try {
    const request = await requestOf(row, call, bodies, deadline, { write, noteStoring });
    const sending = sendingSite.run(row.event.siteId, () => consumer.send(request));
    return await deadline.hold(sending, () => {
      bodies.empty(); // others need the room while the answer is awaited
      onLate();
    });
  } catch (error) {
    const wasWriting = writing.size > 0 || storing > 0;
    await Promise.allSettled(writing);
    if (wasWriting) throw comingBack('Our database did not answer while the delivery was under way.');
    if (cancelled.aborted && !deadline.isLate) throw comingBack('The attempt was cancelled while it was under way.');
    if (!deadline.isOver || deadline.isLate || error instanceof DeliveryFailure) throw error;
    const message = `The destination did not answer within ${consumer.requestTimeoutMs / 1000} s.`;
    throw new DeliveryFailure('Unavailable', message, { details: { code: 'NO_ANSWER' }, cause: error });
  } finally {
    deadline.end();
    bodies.leave();
  }
}

interface Writing {
  readonly write: <T>(ask: () => Promise<T>) => Promise<T>;
  readonly noteStoring: <T>(asking: Promise<T>) => Promise<T>;
}

async function requestOf(
  { id, key, tries, connection, connectionId, progress }: TakenDelivery,
  { db, secretBox, lateAnswers }: DeliverCall,
  bodies: Bodies,
  { signal, allSent }: AnswerDeadline,
  { write, noteStoring }: Writing,
): Promise<SendRequest> {
  const account =
    connection === null || connectionId === null
      ? { config: {}, secrets: {} }
      : openAccount(connectionId, connection, secretBox);
  const stored =
    connectionId === null || secretBox === null
      ? signInOf(account.secrets).store
      : openSignInStore({ db, connectionId, secretBox });
  return {
    deliveryId: id,
    key,
    event: await bodies.event(),
    tries,
    connectionId,
    connectionEdition: connection?.edition ?? 0,
    account,
    progress,
    loadAttachments: () => bodies.attachments(),
    saveProgress: async (done) => void (await write(() => db.saveDeliveryProgress({ id, done }))),
    signIn: { ...stored, keep: (...given) => noteStoring(stored.keep(...given)) },
    signal,
    allSent,
    stopping: lateAnswers.stopping,
  };
}
