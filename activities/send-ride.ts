import { Context } from '@temporalio/activity';
import type { FreeDelivery } from '../db/take-deliveries';
import type { ExternalConsumer, Receipt } from './consumer';
import type { Delivering } from './deliver';
import { LEASE_MARGIN_MS, openSender, type Sender } from './send-deliveries';

/** Below the heartbeat timeout of a ride's activities. */
const HEARTBEAT_MS = 5_000;

/**
 * Delivers the many of a ride to destinations outside. They wait for room at their connections before they are claimed, each
 * connection's on their own, until there is no time left for one more send.
 *
 * @returns the receipts of those that were delivered
 */
export async function sendRide(consumer: ExternalConsumer, delivering: Delivering): Promise<Receipt[]> {
  const { db, ids, owner } = delivering;
  const context = Context.current();
  const { info, cancellationSignal } = context;
  const end = performance.now() + info.startToCloseTimeoutMs - consumer.requestTimeoutMs - LEASE_MARGIN_MS;
  const sender = openSender(consumer, delivering);
  const beating = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  try {
    const free = await db.findFreeDeliveries(db.autocommit, ids, owner);
    const sent = await Promise.all(byConnection(free).map((group) => sendGroup(group, end, sender, delivering)));
    cancellationSignal.throwIfAborted();
    return sent.flat().filter((receipt) => receipt !== undefined);
  } finally {
    clearInterval(beating);
  }
}

/** Those of one connection, as many at once as it has room for. */
async function sendGroup(
  group: readonly FreeDelivery[],
  end: number,
  { claim, send }: Sender,
  delivering: Delivering,
): Promise<(Receipt | undefined)[]> {
  const { cancellationSignal } = Context.current();
  const sending: Promise<Receipt | undefined>[] = [];
  try {
    for (let left = group; left.length > 0 && performance.now() < end && !cancellationSignal.aborted;) {
      const places = await waitForPlaces(left, end - performance.now(), delivering);
      if (places.length === 0) break;
      const next = left.slice(0, places.length);
      left = left.slice(places.length);
      const { taken, claimedAt } = await claim(next.map(({ id }) => id)).catch((error: unknown) => {
        for (const leave of places) leave();
        throw error;
      });
      for (const leave of places.slice(taken.length)) leave(); // of those that somebody else has by now
      for (const [i, row] of taken.entries()) {
        const leave = places[i] ?? (() => {});
        sending.push(send(row, claimedAt, () => leave).finally(leave)); // it has left already, unless it was not sent at all
      }
    }
  } finally {
    await Promise.allSettled(sending);
  }
  return await Promise.all(sending);
}

/** Where there is no connection there is no limit. */
async function waitForPlaces(
  left: readonly FreeDelivery[],
  waitMs: number,
  { inFlight }: Delivering,
): Promise<(() => void)[]> {
  const { connectionId = null, maxInFlight = null } = left[0] ?? {};
  if (connectionId === null || maxInFlight === null) return left.map(() => () => {});
  return await inFlight.enterTogether(connectionId, maxInFlight, left.length, waitMs);
}

function byConnection(free: readonly FreeDelivery[]): FreeDelivery[][] {
  const groups = new Map<string | null, FreeDelivery[]>();
  for (const one of free) {
    const group = groups.get(one.connectionId);
    if (group) group.push(one);
    else groups.set(one.connectionId, [one]);
  }
  return [...groups.values()];
}
