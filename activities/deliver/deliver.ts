import { Context, heartbeat } from '@temporalio/activity';
import type { Consumer, Receipt } from '../consumer';
import { openBatchTime } from './batch-time';
import { finishAttempt, type StateCounts } from './finish-attempt';
import { openCall, type DeliverCall, type DeliverDeps } from './deliver-call';
import { sendBatch } from './send-batch';
import { sendDeliveries } from './send-deliveries';
import { writeDeliveries } from './write-deliveries';

/** The input of a consumer's activity: ids, never payloads. */
export interface DeliverInput {
  readonly ids: readonly string[];
  /** True in a batch: a parked delivery gets its event's own workflow as owner. Stored in histories, hence its old name. */
  readonly ride?: boolean;
}

export type DeliverResult = StateCounts & {
  /** Of the records that this attempt left at the destination; those of the first twenty deliveries. */
  readonly ids?: readonly Readonly<Record<string, string>>[];
};

const MOST_IDS = 20;
/** Well below the heartbeat timeout of activity-options.ts. */
export const HEARTBEAT_MS = 5_000;
/** In a batch some delivery is always due next: each attempt takes all that have become due within a second. */
const SOONEST_MS = { alone: 100, batch: 1_000 } as const;

/**
 * One attempt at deliveries of one consumer: the only caller of consumers. Takes those that are pending, due, owned by this run
 * and not leased by another attempt, delivers them, and writes each outcome on its row.
 *
 * @returns the states of all deliveries, when no own one is left pending
 * @throws ApplicationFailure retryable, when something is left to try again (with the time until then); not retryable, when
 *   all were parked, or the time of a batch is over
 */
export async function deliver(
  consumerName: string,
  consumer: Consumer,
  { ids, ride: isBatch = false }: DeliverInput,
  deps: DeliverDeps,
): Promise<DeliverResult> {
  const { info } = Context.current();
  const call = openCall(consumerName, ids, isBatch, deps);
  const batchTime = isBatch && !info.isLocal ? openBatchTime() : null;
  deps.slots.occupied += 1;
  const beating = info.isLocal ? undefined : setInterval(batchTime?.beat ?? (() => heartbeat()), HEARTBEAT_MS);
  try {
    let done = await deliverBy(consumer, call, batchTime !== null);
    if (done.delivered === 0 && call.lastFailure() === null && !isBatch && (await isAskedFor(call)))
      done = await deliverBy(consumer, call, false);
    const { receipts, delivered, comeBackMs = new Map() } = done;
    const records = receipts.flatMap((receipt) => (receipt.ids === undefined ? [] : [receipt.ids])).slice(0, MOST_IDS);
    const soonestMs = SOONEST_MS[isBatch ? 'batch' : 'alone'];
    const counts =
      delivered === ids.length ? { delivered } : await finishAttempt(call, { soonestMs, comeBackMs, batchTime });
    return records.length === 0 ? counts : { ...counts, ids: records };
  } finally {
    deps.slots.occupied -= 1;
    clearInterval(beating);
  }
}

/**
 * True when nothing was due, because an operator has asked for this attempt before its time: now it is due. The activity of a batch
 * comes back within minutes by itself, and a first attempt needs no request.
 */
async function isAskedFor({ db, ids, owner, runs }: DeliverCall): Promise<boolean> {
  const { info } = Context.current();
  const { attempt, activityId, workflowExecution, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = info;
  const isFirst = attempt === 1 && currentAttemptScheduledTimestampMs === scheduledTimestampMs;
  if (info.isLocal || isFirst || workflowExecution === undefined) return false;
  // Without an answer it is not: a failure here would have the server repeat the attempt within seconds, time after time.
  const wasAsked = await runs.wasAskedFor({ ...workflowExecution, activityId }).catch(() => false);
  return wasAsked && (await db.makeDue(ids, owner)) > 0;
}

interface Delivered {
  readonly receipts: readonly Receipt[];
  readonly delivered: number;
  readonly comeBackMs?: ReadonlyMap<string, number>;
}

async function deliverBy(consumer: Consumer, call: DeliverCall, isBatch: boolean): Promise<Delivered> {
  if (consumer.kind === 'inDatabase') return { receipts: [], delivered: await writeDeliveries(consumer, call) };
  if (!isBatch) {
    const receipts = await sendDeliveries(consumer, call);
    return { receipts, delivered: receipts.length };
  }
  const { receipts, comeBackMs } = await sendBatch(consumer, call);
  return { receipts, comeBackMs, delivered: receipts.length };
}
