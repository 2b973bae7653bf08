import { Context, log } from '@temporalio/activity';
import { setTimeout as delay } from 'node:timers/promises';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { Leave } from '../connections/in-flight';
import { aborted } from './aborted';
import { openSignInStore, signInOf } from '../connections/sign-in-store';
import { askUntil } from '../ask-until';
import { openAccount } from '../connections/open-account';
import type { ExternalConsumer, Receipt, SendRequest, SignInStore } from '../consumer';
import { sendingSite } from '../http/dns/host-resolver';
import type { Delivering, Result } from './deliver';
import { DeliveryFailure, isDatabaseUnavailable } from '../failures';
import { noteForConnection, whyNoRoom } from './hold-connection';
import { openBodies } from './load-bodies';
import { NoRoom } from './no-room';
import { pausedFailure } from './write-deliveries';

/** A lease outlives the request's deadline by this, so that whoever comes next cannot meet a send that is still running. */
export const LEASE_MARGIN_MS = 10_000;
/** No activity ends a send whose answer is late: what has come of it can be written for so long. */
const LATE_WRITE_MS = 60_000;
const endOfLate = (): number => performance.now() + LATE_WRITE_MS;
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
  return sent.filter((receipt) => receipt !== undefined && receipt !== LATE);
}

/** Takes a place at the connection and a slot of the site; one without the other is given back. */
function enter({ connection, connectionId, event }: TakenDelivery, { inFlight, slots }: Delivering): Places | number {
  const leaveSlot = slots.enter(event.siteId, true);
  if (typeof leaveSlot === 'number') return leaveSlot;
  if (connection === null || connectionId === null) return { leaveSlot, leaveConnection: () => {} };
  const leaveConnection = inFlight.enter(connectionId, connection.maxInFlight, connection.edition);
  if (typeof leaveConnection === 'function') return { leaveSlot, leaveConnection };
  leaveSlot(true);
  return leaveConnection;
}

/** What a send has for as long as it takes: a slot of its site, and a place at its connection. */
export interface Places {
  readonly leaveSlot: Leave;
  readonly leaveConnection: Leave;
}

export function leaveBoth({ leaveSlot, leaveConnection }: Places, isUnused?: true): void {
  leaveConnection(isUnused);
  leaveSlot(isUnused);
}

/** Claims and sends the deliveries of one activity. */
export interface Sender {
  readonly claim: (ids: readonly string[]) => Promise<{ taken: TakenDelivery[]; claimedAt: number }>;
  /** @returns the receipt, when it was delivered; LATE, when it is sent and its answer is awaited without this activity */
  readonly send: (row: TakenDelivery, claimedAt: number, place: Place) => Promise<Receipt | typeof LATE | undefined>;
}

export const LATE = 'late';

/** Takes what a send needs; or when to come back for it. */
type Place = () => Places | number;

export function openSender(consumer: ExternalConsumer, delivering: Delivering): Sender {
  const { db, owner, lateAnswers } = delivering;
  const leaseSeconds = (consumer.requestTimeoutMs + LEASE_MARGIN_MS) / 1000;
  const broken = new Map<string | null, unknown>();
  return {
    async claim(ids: readonly string[]) {
      const claimedAt = performance.now();
      const claims = await Promise.allSettled(ids.map((id) => db.claimTogether({ id, owner, leaseSeconds })));
      const taken = claims.flatMap((claim) => (claim.status === 'fulfilled' && claim.value ? [claim.value] : []));
      const failed = claims.find((claim) => claim.status === 'rejected');
      if (failed && taken.length === 0) throw failed.reason; // else what is claimed is sent, the others come back
      return { taken, claimedAt };
    },
    async send(row: TakenDelivery, claimedAt: number, place: Place): Promise<Receipt | typeof LATE | undefined> {
      const late = new AbortController();
      const onLate = (): void => late.abort();
      const sending = attempt(consumer, row, claimedAt, place, broken, delivering, onLate).then(async (result) => {
        await settleSent(delivering, result, late.signal.aborted ? endOfLate() : delivering.endsAt);
        return result.receipt;
      });
      const first = await Promise.race([sending, aborted(late.signal).then((): typeof LATE => LATE)]);
      if (first !== LATE) return first;
      lateAnswers.add(sending, leaseSeconds, () => db.renewLease(db.autocommit, row.id, row.leaseToken, leaseSeconds));
      delivering.noteLate();
      return LATE;
    },
  };
}

async function settleSent({ settleSent: settle }: Delivering, result: Result, endsAt: number): Promise<void> {
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
  onLate: () => void,
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
  const places = place();
  if (typeof places === 'number') return done({ error: new NoRoom(whyNoRoom(row, delivering), places) });
  if (slotInMs !== null && slotInMs > 0) await delay(slotInMs);
  if (performance.now() - claimedAt > LEASE_MARGIN_MS / 2) {
    leaveBoth(places, true);
    return done({ error: comingBack('The claim took so long that the send might outlive it.') });
  }
  try {
    const isLate = (): void => {
      places.leaveSlot(); // its activity ends; the place at the connection stays taken
      onLate();
    };
    const receipt = await send(consumer, row, delivering, isLate);
    noteForConnection(row, undefined, started, delivering);
    return done({ receipt });
  } catch (error) {
    if (error instanceof DeliveryFailure && error.type === 'ConnectionBroken') broken.set(connectionId, error);
    noteForConnection(row, error, started, delivering);
    return done({ error });
  } finally {
    leaveBoth(places);
  }
}

/** Why the delivery cannot be sent at all as things stand. */
function findObstacle({ paused, connection, connectionId }: TakenDelivery): DeliveryFailure | undefined {
  if (paused) return pausedFailure();
  if (connection?.state === 'broken') return new DeliveryFailure('ConnectionBroken', connection.brokenReason ?? '');
  if (connectionId === null || connection !== null) return undefined;
  return new DeliveryFailure('InvalidConfig', 'Its connection was removed; discard the delivery.');
}

async function send(
  consumer: ExternalConsumer,
  row: TakenDelivery,
  delivering: Delivering,
  onLate: () => void,
): Promise<Receipt> {
  const { db, secretBox, lateAnswers, endsAt } = delivering;
  const { id, key, event, tries, connection, connectionId, progress } = row;
  const bodies = openBodies(row, delivering);
  const { requestTimeoutMs } = consumer;
  const deadline = AbortSignal.timeout(requestTimeoutMs);
  const { cancellationSignal } = Context.current();
  const signal = AbortSignal.any([deadline, cancellationSignal]);
  const ended = new AbortController();
  let unanswered = 0;
  let isLate = false;
  const allSent = (): (() => void) => {
    unanswered += 1;
    return () => void (unanswered -= 1);
  };
  const writing = new Set<Promise<unknown>>();
  /** For what must be written whatever becomes of the attempt: neither its deadline nor its cancellation gives it up. */
  const write = async <T>(ask: () => Promise<T>): Promise<T> => {
    const asking = askUntil(isLate ? endOfLate() : endsAt, ask);
    writing.add(asking);
    return await asking.finally(() => writing.delete(asking));
  };
  try {
    const account =
      connection === null || connectionId === null
        ? { config: {}, secrets: {} }
        : openAccount(connectionId, connection, secretBox);
    const stored =
      connectionId === null || secretBox === null
        ? signInOf(account.secrets).store
        : openSignInStore({ db, tx: db.autocommit, connectionId, secretBox });
    const signIn: SignInStore = { ...stored, keep: (...given) => write(() => stored.keep(...given)) };
    const request: SendRequest = {
      deliveryId: id,
      key,
      event: await bodies.event(),
      tries,
      connectionId,
      connectionEdition: connection?.edition ?? 0,
      account,
      progress,
      loadAttachments: () => bodies.attachments(),
      saveProgress: async (done) => void (await write(() => db.saveProgressTogether({ id, done }))),
      signIn,
      signal,
      allSent,
      stopping: lateAnswers.stopping,
    };
    const sending = sendingSite.run(event.siteId, () => consumer.send(request));
    /** The deadline holds for a consumer that does not mind its signal, too, unless only the answer is missing. */
    const untilDeadline = async (): Promise<Receipt> => {
      await aborted(signal, ended.signal);
      if (unanswered === 0) await aborted(deadline, ended.signal);
      if (unanswered === 0) throw deadline.reason;
      isLate = true;
      bodies.empty(); // an answer may be waited for so long that others would find no room
      onLate();
      return await sending;
    };
    return await Promise.race([sending, untilDeadline()]);
  } catch (error) {
    const waitedForUs = writing.size > 0;
    await Promise.allSettled(writing);
    if (waitedForUs) throw comingBack('Our database did not answer while the delivery was under way.');
    if (cancellationSignal.aborted && !isLate) throw comingBack('The attempt was cancelled while it was under way.');
    if (!deadline.aborted || isLate || error instanceof DeliveryFailure) throw error;
    const message = `The destination did not answer within ${requestTimeoutMs / 1000} s.`;
    throw new DeliveryFailure('Unavailable', message, { cause: error });
  } finally {
    ended.abort(); // else the deadline would keep all of this until it is over
    bodies.leave();
  }
}

/** Costs no try: it says nothing about the destination. */
const comingBack = (message: string, retryAfterMs = 1_000): DeliveryFailure =>
  new DeliveryFailure('Unavailable', message, { ours: true, retryAfterMs });
