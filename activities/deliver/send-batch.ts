import { Context } from '@temporalio/activity';
import type { FreeDelivery } from '../../db/read-standings';
import type { ExternalConsumer, Receipt } from '../consumer';
import type { DeliverCall } from './deliver-call';
import { LATE, openSender, type Sender } from './open-sender';
import { estimateWaits, leaveBoth, mayFindRoom, takeBatchPlaces, type Places, type Room } from './places';
import { LEASE_MARGIN_MS } from './try-send';
import { ENDED } from '../ended';

/** While none of its sends is under way, a batch waits so long for room; then it ends its attempt, for others on the queue. */
const WAIT_FOR_ROOM_MS = 1_000;

export interface SentBatch {
  readonly receipts: readonly Receipt[];
  /** Of those that found no room, by id: milliseconds until it is worth trying again. */
  readonly comeBackMs: ReadonlyMap<string, number>;
}

/**
 * Delivers the deliveries of a batch to destinations outside: at once as many as their connections have room for, the others as
 * sends end, while there is time for one more. Those that found no room are left for the next attempt.
 */
export async function sendBatch(consumer: ExternalConsumer, call: DeliverCall): Promise<SentBatch> {
  const { db, ids, owner } = call;
  const { info, cancellationSignal: cancelled } = Context.current();
  const end = performance.now() + info.startToCloseTimeoutMs - consumer.requestTimeoutMs - LEASE_MARGIN_MS;
  const sends = new Sends(openSender(consumer, call));
  let left: readonly FreeDelivery[] = [];
  let hasWaited = false;
  try {
    left = await db.findFreeDeliveries(ids, owner);
    while (left.length > 0 && sends.failures.length === 0 && !cancelled.aborted && performance.now() < end) {
      const placed = takeBatchPlaces(left, call);
      left = left.filter(({ id }) => !placed.has(id));
      if (placed.size > 0) await sends.start(placed);
      else {
        const hopeful = left.filter((one) => mayFindRoom(one, call));
        if (sends.underWay.size === 0 && (hasWaited || hopeful.length === 0)) break;
        await roomOrEnd(hopeful, call, sends.underWay, cancelled);
      }
      hasWaited = placed.size === 0;
    }
  } finally {
    await Promise.all(sends.underWay);
  }
  if (sends.failures.length > 0) throw sends.failures[0];
  cancelled.throwIfAborted();
  return { receipts: sends.receipts, comeBackMs: estimateWaits(left, call) };
}

/** Resolves when a send of this batch ends, one of another activity makes room, or the wait is over. */
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
  done.abort(ENDED);
}

/** The sends of one batch: those under way, and the outcomes of the others. */
class Sends {
  readonly underWay = new Set<Promise<void>>();
  readonly receipts: Receipt[] = [];
  readonly failures: unknown[] = [];
  private readonly sender: Sender;

  constructor(sender: Sender) {
    this.sender = sender;
  }

  /** Claims all deliveries that have places in one statement, and begins to send those that no other attempt has. */
  async start(placed: ReadonlyMap<string, Places>): Promise<void> {
    const { taken, claimedAt } = await this.sender.claim([...placed.keys()]).catch((error: unknown) => {
      for (const places of placed.values()) leaveBoth(places, true);
      throw error;
    });
    const unused = new Map(placed);
    for (const row of taken) {
      const places = unused.get(row.id) ?? { leaveSlot: () => {}, leaveConnection: () => {} };
      unused.delete(row.id);
      const one = this.finish(
        this.sender.send(row, claimedAt, () => places),
        places,
      ).finally(() => this.underWay.delete(one));
      this.underWay.add(one);
    }
    for (const places of unused.values()) leaveBoth(places, true);
  }

  private async finish(sending: ReturnType<Sender['send']>, places: Places): Promise<void> {
    try {
      const receipt = await sending;
      if (receipt === LATE) return; // the places are left when its answer has come
      if (receipt !== undefined) this.receipts.push(receipt);
    } catch (error) {
      this.failures.push(error);
    }
    leaveBoth(places, true); // they are left already, unless nothing was sent
  }
}
