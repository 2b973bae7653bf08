import { Context } from '@temporalio/activity';
import { once } from 'node:events';
import type { TakenDelivery } from '../db/take-deliveries';
import type { ExternalConsumer } from './consumer';
import type { Delivering, Result } from './deliver';
import { DeliveryFailure } from './failures';
import { pausedFailure } from './write-deliveries';

/** A lease outlives the request's deadline by this, so that whoever comes next cannot meet a send that is still running. */
const LEASE_MARGIN_MS = 10_000;

/**
 * Delivers to a destination outside: claims the rows by a lease, sends each, and writes each outcome as soon as it is known.
 *
 * @returns how many were delivered
 */
export async function sendDeliveries(consumer: ExternalConsumer, delivering: Delivering): Promise<number> {
  const { db, ids, owner, settle } = delivering;
  const { requestTimeoutMs } = consumer;
  const claimedAt = performance.now();
  const taken = await db.claimDeliveries(db.autocommit, ids, owner, (requestTimeoutMs + LEASE_MARGIN_MS) / 1000);
  const sent = await Promise.all(
    taken.map(async (row) => {
      const result = await sendOne(consumer, row, claimedAt);
      const report = await settle(db.autocommit, [result]);
      report();
      return result.error === undefined;
    }),
  );
  Context.current().cancellationSignal.throwIfAborted();
  return sent.filter(Boolean).length;
}

async function sendOne(consumer: ExternalConsumer, row: TakenDelivery, claimedAt: number): Promise<Result> {
  const started = performance.now();
  const done = (rest: { error?: unknown; receipt?: Record<string, unknown> }): Result => ({
    taken: row,
    durationMs: performance.now() - started,
    ...rest,
  });
  if (row.paused) return done({ error: pausedFailure() });
  if (started - claimedAt > LEASE_MARGIN_MS / 2) {
    return done({ error: comingBack('The claim took so long that the send might outlive it.') });
  }
  const deadline = AbortSignal.timeout(consumer.requestTimeoutMs);
  const { cancellationSignal } = Context.current();
  try {
    const sending = consumer.send({
      deliveryId: row.id,
      event: row.event,
      connectionId: row.connectionId,
      signal: AbortSignal.any([deadline, cancellationSignal]),
    });
    return done({ receipt: await Promise.race([sending, rejectingAt(deadline)]) });
  } catch (error) {
    if (cancellationSignal.aborted)
      return done({ error: comingBack('The attempt was cancelled while it was under way.') });
    if (!deadline.aborted) return done({ error });
    const message = `The destination did not answer within ${consumer.requestTimeoutMs / 1000} s.`;
    return done({ error: new DeliveryFailure('Unavailable', message, { cause: error }) });
  }
}

/** The deadline holds for a consumer that does not mind its signal, too. */
async function rejectingAt(deadline: AbortSignal): Promise<never> {
  await once(deadline, 'abort');
  throw deadline.reason;
}

/** Costs no try: it says nothing about the destination. */
const comingBack = (message: string): DeliveryFailure =>
  new DeliveryFailure('RateLimited', message, { retryAfterMs: 1_000 });
