import { Context } from '@temporalio/activity';
import type { ExternalConsumer, Receipt } from '../consumer';
import { SLOW_MS } from '../connections/slots';
import type { DeliverCall } from './deliver-call';
import { LATE, openSender } from './open-sender';
import { takePlaces } from './places';

/**
 * Delivers to a destination outside: claims the rows by a lease, sends each, and writes each outcome as soon as it is known. A
 * delivery for which its connection has no room is tried again later.
 *
 * @returns the receipts of those that were delivered
 */
export async function sendDeliveries(consumer: ExternalConsumer, call: DeliverCall): Promise<Receipt[]> {
  // A local activity holds its workflow task open: a send that takes as long as those of a slow site goes on without it.
  const patience = Context.current().info.isLocal ? AbortSignal.timeout(SLOW_MS) : undefined;
  const sender = openSender(consumer, call, patience);
  const { taken, claimedAt } = await sender.claim(call.ids);
  const sent = await Promise.all(taken.map((row) => sender.send(row, claimedAt, () => takePlaces(row, call))));
  Context.current().cancellationSignal.throwIfAborted();
  return sent.filter((receipt) => receipt !== undefined && receipt !== LATE);
}
