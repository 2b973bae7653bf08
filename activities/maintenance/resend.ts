import { ApplicationFailure, Context, log } from '@temporalio/activity';
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../db/database';
import type { ResendDelivery, ResendPlace, ResendSelection } from '../../db/resend-deliveries';
import type { ChatEvent } from '../../events/catalogue';
import { openAccount } from '../connections/open-account';
import type { SecretBox } from '../connections/secret-box';
import { signInOf } from '../connections/sign-in-store';
import type { Consumer, ExternalConsumer } from '../consumer';
import { classifyFailure, DeliveryFailure } from '../failures';
import { sendingSite } from '../http/dns/host-resolver';

export type { ResendPlace, ResendSelection };

export interface ResendInput {
  readonly selection: ResendSelection;
  /** Deliveries per second, at most. */
  readonly rate: number;
  /** The last that was sent; undefined = none. */
  readonly after: ResendPlace | undefined;
}

export interface ResentPart {
  readonly sent: number;
  /** Those that the endpoint refuses for good, such as 413. */
  readonly rejected: number;
  /** Null = there are no more. */
  readonly after: ResendPlace | null;
}

export interface ResendDeps {
  readonly db: Database;
  readonly secretBox: SecretBox | null;
  /** All, by name. */
  readonly consumers: Readonly<Record<string, Consumer>>;
}

/** A part ends after this; a send and its answer come in addition. Below the activity's startToClose. */
const PART_MS = 30_000;
const PAGE = 50;
/** A slot of the connection's rate that is later is left to the deliveries: to wait for it would take the heartbeat's time-out. */
const SLOT_WITHIN_MS = 15_000;
/** After a failure that passes the next attempt waits for as long, twice as long each time. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [5_000, 3_600_000];

/**
 * Sends delivered webhooks again, one after the other: the same message with the same `webhook-id`. Rows stay as they are. A
 * failure that passes is thrown with the time until the next attempt, which goes on behind the last message that was sent.
 */
export async function resendNext(input: ResendInput, deps: ResendDeps): Promise<ResentPart> {
  const { selection, rate } = input;
  const { db } = deps;
  const context = Context.current();
  // The messages that an earlier attempt of this activity has sent.
  const before = context.info.heartbeatDetails as ResentPart | undefined; // written below
  const done = {
    sent: before?.sent ?? 0,
    rejected: before?.rejected ?? 0,
    after: before?.after ?? input.after ?? null,
  };
  const end = performance.now() + PART_MS;
  while (performance.now() < end) {
    const page = await db.findDelivered(selection, done.after ?? undefined, PAGE);
    if (page.length === 0) return { ...done, after: null };
    for (const delivery of page) {
      const began = performance.now();
      const isSent = await sendAgain(delivery, selection.connectionId, deps, context.cancellationSignal);
      done[isSent ? 'sent' : 'rejected'] += 1;
      done.after = { receivedAt: delivery.receivedAt, id: delivery.id };
      context.heartbeat({ ...done });
      if (performance.now() > end) return done;
      await pause(Math.max(0, 1_000 / rate - (performance.now() - began)), undefined, {
        signal: context.cancellationSignal,
      });
    }
  }
  return done;
}

/** @returns false: the endpoint refuses it for good */
async function sendAgain(
  delivery: ResendDelivery,
  connectionId: string,
  deps: ResendDeps,
  cancelled: AbortSignal,
): Promise<boolean> {
  try {
    await send(delivery, connectionId, deps, cancelled);
    return true;
  } catch (error) {
    if (error instanceof NoSlot) throw waitForSlot(error);
    if (error instanceof ApplicationFailure) throw error;
    const failure = classifyFailure(error);
    if (failure.type !== 'Rejected') throw comingBack(failure);
    log.warn('The endpoint refuses a message that is sent again.', {
      eventKey: delivery.key,
      failure: failure.message,
    });
    return false;
  }
}

async function send(
  { id, key, type, siteId, eventId, receivedAt }: ResendDelivery,
  connectionId: string,
  { db, secretBox, consumers }: ResendDeps,
  cancelled: AbortSignal,
): Promise<void> {
  const consumer = consumers['webhook'];
  const connection = await db.takeSlot(connectionId, SLOT_WITHIN_MS);
  if (connection === undefined)
    throw ApplicationFailure.nonRetryable(`The connection ${connectionId} was removed.`, 'InvalidConfig');
  if (connection.slotInMs > SLOT_WITHIN_MS) throw new NoSlot(connection.slotInMs);
  if (connection.state === 'broken') throw new DeliveryFailure('ConnectionBroken', connection.brokenReason ?? '');
  if (consumer?.kind !== 'external')
    throw new DeliveryFailure('InvalidConfig', 'This version has no consumer webhook.');
  await pause(connection.slotInMs, undefined, { signal: cancelled });
  const account = openAccount(connectionId, connection, secretBox);
  const data = await db.readEventData(key);
  if (data === undefined) return; // retention or an erasure has deleted it since it was found
  const event = { id: eventId, type, siteId, receivedAt, data } as ChatEvent; // recordEvents stored it from a ChatEvent of this type
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(consumer.requestTimeoutMs)]);
  const request: Parameters<ExternalConsumer['send']>[0] = {
    deliveryId: id,
    key,
    event,
    tries: 0,
    connectionId,
    connectionEdition: connection.edition,
    account,
    progress: {},
    loadAttachments: () => db.readAttachments(key),
    saveProgress: async () => {},
    signIn: signInOf(account.secrets).store,
    signal,
    allSent: () => () => {},
    stopping: cancelled,
  };
  await sendingSite.run(siteId, () => consumer.send(request));
}

/** Thrown when other sends have all slots of the connection's rate for some time. */
class NoSlot extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("The connection's rate is taken by its deliveries.");
    this.waitMs = waitMs;
  }
}

const waitForSlot = ({ message, waitMs }: NoSlot): ApplicationFailure =>
  ApplicationFailure.create({ type: 'RateLimited', message, nextRetryDelay: Math.min(waitMs, LONGEST_WAIT_MS) });

/** The next attempt goes on then. */
function comingBack({ type, message, details, retryAfterMs = 0 }: DeliveryFailure): ApplicationFailure {
  const { attempt } = Context.current().info;
  const ownMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 20));
  return ApplicationFailure.create({
    type,
    message,
    details: [details],
    nextRetryDelay: Math.max(ownMs, retryAfterMs),
  });
}
