import { Context } from '@temporalio/activity';
import type { FreeDelivery } from '../db/take-deliveries';
import type { InFlight } from './connections/in-flight';
import type { ExternalConsumer, Receipt } from './consumer';
import type { Delivering } from './deliver';
import { LEASE_MARGIN_MS, openSender } from './send-deliveries';

/** While nothing of its own is under way, a ride waits so long for room; then it gives its place on the queue to others. */
const WAIT_FOR_ROOM_MS = 1_000;

export interface SentRide {
  readonly receipts: readonly Receipt[];
  /** For those that found no room: milliseconds until it is worth coming back. 0: there are none. */
  readonly comeBackMs: number;
}

/**
 * Delivers the many of a ride to destinations outside: all that their connections have room for at once, the others as sends
 * end, as long as there is time for one more. What a connection has no room for comes back.
 */
export async function sendRide(consumer: ExternalConsumer, delivering: Delivering): Promise<SentRide> {
  const { db, ids, owner, inFlight } = delivering;
  const { info, cancellationSignal: cancelled } = Context.current();
  const end = performance.now() + info.startToCloseTimeoutMs - consumer.requestTimeoutMs - LEASE_MARGIN_MS;
  const sender = openSender(consumer, delivering);
  const underWay = new Set<Promise<void>>();
  const receipts: Receipt[] = [];
  const failures: unknown[] = [];

  /** One claim for all who have a place. */
  async function sendAll(placed: ReadonlyMap<string, () => void>): Promise<void> {
    const { taken, claimedAt } = await sender.claim([...placed.keys()]).catch((error: unknown) => {
      for (const leave of placed.values()) leave();
      throw error;
    });
    const places = new Map(placed);
    for (const row of taken) {
      const leave = places.get(row.id) ?? (() => {});
      places.delete(row.id);
      const one = sender
        .send(row, claimedAt, () => leave)
        .then(
          (receipt) => void (receipt && receipts.push(receipt)),
          (error: unknown) => void failures.push(error),
        )
        .finally(() => {
          leave(); // it has left already, unless it was not sent at all
          underWay.delete(one);
        });
      underWay.add(one);
    }
    for (const leave of places.values()) leave(); // of those that somebody else has by now
  }

  let left: readonly FreeDelivery[] = [];
  try {
    left = await db.findFreeDeliveries(db.autocommit, ids, owner);
    for (
      let waited = false;
      left.length > 0 && failures.length === 0 && !cancelled.aborted && performance.now() < end;
    ) {
      const placed = takePlaces(left, inFlight);
      left = left.filter(({ id }) => !placed.has(id));
      if (placed.size > 0) {
        await sendAll(placed);
        waited = false;
      } else {
        if (waited && underWay.size === 0) break;
        await roomOrEnd(left, inFlight, underWay, cancelled);
        waited = true;
      }
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
  cancelled.throwIfAborted();
  return { receipts, comeBackMs: estimate(left, inFlight) };
}

/** A place for each that its connection has room for now; where there is no connection there is no limit. */
function takePlaces(left: readonly FreeDelivery[], inFlight: InFlight): Map<string, () => void> {
  const placed = new Map<string, () => void>();
  const full = new Set<string>();
  for (const { id, connectionId, maxInFlight } of left) {
    if (connectionId === null || maxInFlight === null) placed.set(id, () => {});
    else if (!full.has(connectionId)) {
      const leave = inFlight.enterAsRide(connectionId, maxInFlight);
      if (leave === null) full.add(connectionId);
      else placed.set(id, leave);
    }
  }
  return placed;
}

/** Until a send of its own ends, somebody else's makes room, or it has waited long enough. */
async function roomOrEnd(
  left: readonly FreeDelivery[],
  inFlight: InFlight,
  underWay: ReadonlySet<Promise<void>>,
  cancelled: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const connections = new Set(left.flatMap(({ connectionId }) => connectionId ?? []));
  const signal = AbortSignal.any([done.signal, cancelled]);
  await Promise.race([...underWay, inFlight.room([...connections], WAIT_FOR_ROOM_MS, signal)]);
  done.abort();
}

/** When the first of them may find room. */
function estimate(left: readonly FreeDelivery[], inFlight: InFlight): number {
  const connections = new Map(left.map(({ connectionId, maxInFlight }) => [connectionId ?? '', maxInFlight ?? 1]));
  const waits = [...connections].map(([connectionId, most]) => inFlight.waitMs(connectionId, most));
  return waits.length === 0 ? 0 : Math.min(...waits);
}
