import { Context, log } from '@temporalio/activity';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { TakenDelivery } from '../db/take-deliveries';
import type { Leave } from './connections/in-flight';
import { keepReplaced } from './connections/keep-replaced';
import { askUntil } from './ask-until';
import { openAccount } from './connections/open-account';
import type { ExternalConsumer, Receipt, SendRequest } from './consumer';
import { sendingSite } from './http/dns/host-resolver';
import type { Delivering, Result } from './deliver';
import { DeliveryFailure, isDatabaseUnavailable } from './failures';
import { pausedFailure } from './write-deliveries';

/** A lease outlives the request's deadline by this, so that whoever comes next cannot meet a send that is still running. */
export const LEASE_MARGIN_MS = 10_000;
/** A slot of the connection's rate that is no further away is waited for. */
const WAIT_FOR_SLOT_MS = 1_000;

/**
 * Delivers to a destination outside: claims the rows by a lease, sends each, and writes each outcome as soon as it is known. What
 * finds no room at its connection comes back.
 *
 * @returns the receipts of those that were delivered
 */
export async function sendDeliveries(consumer: ExternalConsumer, delivering: Delivering): Promise<Receipt[]> {
  const sender = openSender(consumer, delivering);
  const { taken, claimedAt } = await sender.claim(delivering.ids);
  const sent = await Promise.all(taken.map((row) => sender.send(row, claimedAt, () => enter(row, delivering))));
  Context.current().cancellationSignal.throwIfAborted();
  return sent.filter((receipt) => receipt !== undefined);
}

/** Takes a place at the connection and a slot of the site; one without the other is given back. */
function enter({ connection, connectionId, event }: TakenDelivery, { inFlight, slots }: Delivering): ReturnType<Place> {
  const leaveSlot = slots.enter(event.siteId, true);
  if (typeof leaveSlot === 'number' || connection === null || connectionId === null) return leaveSlot;
  const leave = inFlight.enter(connectionId, connection.maxInFlight);
  if (typeof leave === 'function') return both(leave, leaveSlot);
  leaveSlot(true);
  return leave;
}

export const both =
  (first: Leave, second: Leave): Leave =>
  (isUnused) => {
    first(isUnused);
    second(isUnused);
  };

/** Claims and sends the deliveries of one activity. */
export interface Sender {
  readonly claim: (ids: readonly string[]) => Promise<{ taken: TakenDelivery[]; claimedAt: number }>;
  /** @returns the receipt, when it was delivered */
  readonly send: (row: TakenDelivery, claimedAt: number, place: Place) => Promise<Receipt | undefined>;
}

/** Takes its place at the connection: what to call when the send has ended; or when to come back for one. */
type Place = () => Leave | number;

export function openSender(consumer: ExternalConsumer, delivering: Delivering): Sender {
  const { db, owner } = delivering;
  const { requestTimeoutMs } = consumer;
  const broken = new Map<string | null, unknown>();
  return {
    async claim(ids: readonly string[]) {
      const claimedAt = performance.now();
      const leaseSeconds = (requestTimeoutMs + LEASE_MARGIN_MS) / 1000;
      const claims = await Promise.allSettled(ids.map((id) => db.claimTogether({ id, owner, leaseSeconds })));
      const taken = claims.flatMap((claim) => (claim.status === 'fulfilled' && claim.value ? [claim.value] : []));
      const failed = claims.find((claim) => claim.status === 'rejected');
      if (failed && taken.length === 0) throw failed.reason; // else what is claimed is sent, the others come back
      return { taken, claimedAt };
    },
    async send(row: TakenDelivery, claimedAt: number, place: Place): Promise<Receipt | undefined> {
      const result = await attempt(consumer, row, claimedAt, place, broken, delivering);
      await settleSent(delivering, result);
      return result.receipt;
    },
  };
}

async function settleSent({ settleSent: settle, endsAt }: Delivering, result: Result): Promise<void> {
  try {
    await askUntil(endsAt, () => settle(result));
  } catch (error) {
    const { id, key, dataQueue } = result.taken;
    const message = 'The database did not answer: the outcome of a send is not written, and it will be sent again';
    if (isDatabaseUnavailable(error)) log.warn(message, { deliveryId: id, eventKey: key, dataQueue });
    throw error;
  }
}

/** Sends when nothing speaks against it; never throws. */
async function attempt(
  consumer: ExternalConsumer,
  row: TakenDelivery,
  claimedAt: number,
  place: Place,
  broken: Map<string | null, unknown>,
  delivering: Delivering,
): Promise<Result> {
  const started = performance.now();
  const done = (rest: Pick<Result, 'error' | 'receipt' | 'slotReserved'>): Result => ({
    taken: row,
    durationMs: performance.now() - started,
    ...rest,
  });
  const obstacle = findObstacle(row) ?? broken.get(row.connectionId);
  if (obstacle !== undefined) return done({ error: obstacle });
  const { slotInMs, connectionId } = row;
  if (slotInMs !== null && slotInMs > WAIT_FOR_SLOT_MS) {
    return done({ error: comingBack('The rate of the connection allows it later.', slotInMs), slotReserved: true });
  }
  const leave = place();
  if (typeof leave === 'number') {
    return done({ error: comingBack('As many as its connection and its site may have are being sent.', leave) });
  }
  if (slotInMs !== null && slotInMs > 0) await delay(slotInMs);
  if (performance.now() - claimedAt > LEASE_MARGIN_MS / 2) {
    leave(true);
    return done({ error: comingBack('The claim took so long that the send might outlive it.') });
  }
  try {
    return done({ receipt: await send(consumer, row, delivering) });
  } catch (error) {
    if (error instanceof DeliveryFailure && error.type === 'ConnectionBroken') broken.set(connectionId, error);
    return done({ error });
  } finally {
    leave();
  }
}

/** Why the delivery cannot be sent at all as things stand. */
function findObstacle({ paused, connection, connectionId }: TakenDelivery): DeliveryFailure | undefined {
  if (paused) return pausedFailure();
  if (connection?.state === 'broken') return new DeliveryFailure('ConnectionBroken', connection.brokenReason ?? '');
  if (connectionId === null || connection !== null) return undefined;
  return new DeliveryFailure('InvalidConfig', 'Its connection was removed; discard the delivery.');
}

async function send(consumer: ExternalConsumer, row: TakenDelivery, delivering: Delivering): Promise<Receipt> {
  const { db, secretBox, endsAt } = delivering;
  const { id, key, event, tries, connection, connectionId, progress } = row;
  const { requestTimeoutMs } = consumer;
  const deadline = AbortSignal.timeout(requestTimeoutMs);
  const { cancellationSignal } = Context.current();
  const writing = new Set<Promise<unknown>>();
  /** For what must be written whatever becomes of the attempt: neither its deadline nor its cancellation gives it up. */
  const write = async <T>(ask: () => Promise<T>): Promise<T> => {
    const asking = askUntil(endsAt, ask);
    writing.add(asking);
    return await asking.finally(() => writing.delete(asking));
  };
  try {
    const account =
      connection === null || connectionId === null
        ? { config: {}, secrets: {} }
        : openAccount(connectionId, connection, secretBox);
    const request: SendRequest = {
      deliveryId: id,
      key,
      event,
      tries,
      connectionId,
      account,
      progress,
      loadAttachments: () => db.readAttachments(db.autocommit, key),
      saveProgress: async (done) => void (await write(() => db.saveProgressTogether({ id, done }))),
      keepSecrets:
        connectionId === null || secretBox === null
          ? async () => {}
          : (...given) => write(() => keepReplaced({ db, tx: db.autocommit, connectionId, secretBox })(...given)),
      signal: AbortSignal.any([deadline, cancellationSignal]),
    };
    const sending = sendingSite.run(event.siteId, () => consumer.send(request));
    return await Promise.race([sending, rejectingAt(deadline)]);
  } catch (error) {
    const waitedForUs = writing.size > 0;
    await Promise.allSettled(writing);
    if (waitedForUs) throw comingBack('Our database did not answer while the delivery was under way.');
    if (cancellationSignal.aborted) throw comingBack('The attempt was cancelled while it was under way.');
    if (!deadline.aborted || error instanceof DeliveryFailure) throw error;
    const message = `The destination did not answer within ${requestTimeoutMs / 1000} s.`;
    throw new DeliveryFailure('Unavailable', message, { cause: error });
  }
}

/** The deadline holds for a consumer that does not mind its signal, too. */
async function rejectingAt(deadline: AbortSignal): Promise<never> {
  await once(deadline, 'abort');
  throw deadline.reason;
}

/** Costs no try: it says nothing about the destination. */
const comingBack = (message: string, retryAfterMs = 1_000): DeliveryFailure =>
  new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs });
