import { Context } from '@temporalio/activity';
import type { FreeDelivery } from '../../db/take-deliveries';
import type { ExternalConsumer, Receipt } from '../consumer';
import type { Delivering } from './deliver';
import { LATE, LEASE_MARGIN_MS, leaveBoth, openSender, type Places } from './send-deliveries';

/** While nothing of its own is under way, a batch waits so long for room; then it gives its place on the queue to others. */
const WAIT_FOR_ROOM_MS = 1_000;

type Room = Pick<Delivering, 'inFlight' | 'slots'>;

export interface SentBatch {
  readonly receipts: readonly Receipt[];
  /** Of those that found no room, by id: milliseconds until it is worth coming back. */
  readonly comeBackMs: ReadonlyMap<string, number>;
}

/**
 * Delivers the many of a batch to destinations outside: all that their connections have room for at once, the others as sends
 * end, as long as there is time for one more. What a connection has no room for comes back.
 */
export async function sendBatch(consumer: ExternalConsumer, delivering: Delivering): Promise<SentBatch> {
  const { db, ids, owner, slots } = delivering;
  const { info, cancellationSignal: cancelled } = Context.current();
  const end = performance.now() + info.startToCloseTimeoutMs - consumer.requestTimeoutMs - LEASE_MARGIN_MS;
  const sender = openSender(consumer, delivering);
  const underWay = new Set<Promise<void>>();
  const receipts: Receipt[] = [];
  const failures: unknown[] = [];

  /** One claim for all who have a place. */
  async function sendAll(placed: ReadonlyMap<string, Places>): Promise<void> {
    const { taken, claimedAt } = await sender.claim([...placed.keys()]).catch((error: unknown) => {
      for (const places of placed.values()) leaveBoth(places, true);
      throw error;
    });
    const unused = new Map(placed);
    for (const row of taken) {
      const places = unused.get(row.id) ?? { leaveSlot: () => {}, leaveConnection: () => {} };
      unused.delete(row.id);
      const one = sender
        .send(row, claimedAt, () => places)
        .then(
          (receipt) => {
            if (receipt === LATE) return; // it leaves when its answer has come
            if (receipt !== undefined) receipts.push(receipt);
            leaveBoth(places, true); // it has left already, unless it was not sent at all
          },
          (error: unknown) => {
            failures.push(error);
            leaveBoth(places, true);
          },
        )
        .finally(() => underWay.delete(one));
      underWay.add(one);
    }
    for (const places of unused.values()) leaveBoth(places, true); // of those that somebody else has by now
  }

  let left: readonly FreeDelivery[] = [];
  try {
    left = await db.findFreeDeliveries(db.autocommit, ids, owner);
    for (
      let waited = false;
      left.length > 0 && failures.length === 0 && !cancelled.aborted && performance.now() < end;
    ) {
      const placed = takePlaces(left, delivering);
      left = left.filter(({ id }) => !placed.has(id));
      if (placed.size > 0) {
        await sendAll(placed);
        waited = false;
      } else {
        const mayFindRoom = left.filter((one) => !slots.isSlow(one.siteId) && !isHeld(one, delivering));
        if (underWay.size === 0 && (waited || mayFindRoom.length === 0)) break;
        await roomOrEnd(mayFindRoom, delivering, underWay, cancelled);
        waited = true;
      }
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failures.length > 0) throw failures[0];
  cancelled.throwIfAborted();
  return { receipts, comeBackMs: estimateEach(left, delivering) };
}

/** A place for each that its connection, if it has one, and its site have room for now. */
function takePlaces(left: readonly FreeDelivery[], { inFlight, slots }: Room): Map<string, Places> {
  const placed = new Map<string, Places>();
  const full = new Set<string | null>();
  for (const { id, siteId, connectionId, maxInFlight, edition } of left) {
    if (full.has(connectionId ?? siteId)) continue;
    const leaveConnection =
      connectionId === null ? () => {} : inFlight.enterAsBatch(connectionId, maxInFlight ?? 1, edition ?? 0);
    const leaveSlot = leaveConnection && slots.enter(siteId, false);
    if (leaveConnection !== null && typeof leaveSlot === 'function') placed.set(id, { leaveSlot, leaveConnection });
    else {
      leaveConnection?.(true);
      full.add(connectionId ?? siteId);
    }
  }
  return placed;
}

const isHeld = ({ connectionId, edition }: FreeDelivery, { inFlight }: Room): boolean =>
  connectionId !== null && inFlight.isHeld(connectionId, edition ?? 0);

/** Until a send of its own ends, somebody else's makes room, or it has waited long enough. */
async function roomOrEnd(
  left: readonly FreeDelivery[],
  { inFlight }: Room,
  underWay: ReadonlySet<Promise<void>>,
  cancelled: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const connections = new Set(left.flatMap(({ connectionId }) => connectionId ?? []));
  const signal = AbortSignal.any([done.signal, cancelled]);
  await Promise.race([...underWay, inFlight.room([...connections], WAIT_FOR_ROOM_MS, signal)]);
  done.abort();
}

/** When each may find room; all of one connection at the same time. */
function estimateEach(left: readonly FreeDelivery[], { inFlight, slots }: Room): Map<string, number> {
  const lanes = new Map<string, number>();
  const each = new Map<string, number>();
  for (const { id, connectionId, siteId, maxInFlight } of left) {
    const lane = connectionId ?? siteId;
    const waitMs =
      lanes.get(lane) ?? (slots.isSlow(siteId) ? slots.waitMs(siteId) : inFlight.waitMs(lane, maxInFlight ?? 1));
    lanes.set(lane, waitMs);
    each.set(id, waitMs);
  }
  return each;
}
