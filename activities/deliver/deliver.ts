import { ApplicationFailure, Context, heartbeat } from '@temporalio/activity';
import type { Database } from '../../db/database';
import type { Owner } from '../../db/owner';
import type { Outcome } from '../../db/settle-deliveries';
import type { TakenDelivery } from '../../db/take-deliveries';
import type { Tx } from '../../db/tx';
import type { InFlight } from '../connections/in-flight';
import type { Slots } from '../connections/slots';
import type { SecretBox } from '../connections/secret-box';
import type { Consumer, Receipt } from '../consumer';
import { classifyFailure, failureTypes } from '../failures';
import { ANSWER_AWAITED, type LateAnswers } from './late-answers';
import { freeDelayMs, nextDelayMs } from './next-delay';
import { ownerHere } from '../record/read-recorded';
import { openBatchTime, type BatchTime } from './batch-time';
import { NoRoom } from './no-room';
import { sendDeliveries } from './send-deliveries';
import { sendBatch } from './send-batch';
import { writeDeliveries } from './write-deliveries';

/** What an activity of a consumer is started with: ids, never payloads. */
export interface DeliverInput {
  readonly ids: readonly string[];
  /** True in a batch: what is parked gets its event's own workflow as owner. The name is in stored histories, so it stays. */
  readonly ride?: boolean;
}

/** How many of the deliveries stand in which state now. */
export type StateCounts = Partial<Record<'delivered' | 'parked' | 'discarded' | 'pending', number>>;

export type DeliverResult = StateCounts & {
  /** Of the records that this attempt left at the destination; those of the first twenty deliveries. */
  readonly ids?: readonly Readonly<Record<string, string>>[];
};

/** One attempt at one delivery, for the log and the counters. */
export interface Attempt {
  readonly deliveryId: string;
  readonly eventKey: string;
  readonly siteId: string;
  readonly dataQueue: string;
  readonly consumer: string;
  readonly cluster: string;
  readonly attempt: number;
  readonly tries: number;
  readonly durationMs: number;
  readonly outcome: Outcome['state'] | 'superseded';
  readonly failure: Outcome['failure'];
}

export interface DeliverDeps {
  readonly db: Database;
  readonly clusterName: string;
  /** The sweep looks at a pending delivery this long after it was due. */
  readonly overdueAfterSeconds: number;
  /** Milliseconds until the next try after `tries` counted ones; null: it was the last. */
  readonly retryDelayMs: (consumer: string, tries: number) => number | null;
  /** Opens the secrets of connections; null = this process has no key. */
  readonly secretBox: SecretBox | null;
  /** Of the whole process, as the next. */
  readonly inFlight: InFlight;
  readonly lateAnswers: LateAnswers;
  /** Of the Worker that takes this consumer's activities. */
  readonly slots: Slots;
  readonly observe: (attempt: Attempt) => void;
}

/** Everything one call of `deliver` knows; handed down to the two ways of delivering. */
export interface Delivering extends DeliverDeps {
  readonly owner: Owner;
  readonly ids: readonly string[];
  /** Until then, of `performance.now()`, what has happened outside can be written: the attempt ends soon after. */
  readonly endsAt: number;
  /** Takes deliveries' outcomes to their rows. What it returns logs and counts them, and is called once they are committed. */
  readonly settle: (tx: Tx, results: readonly Result[]) => Promise<() => void>;
  /** The same for one that was sent, at once: with whatever else this process settles at the moment. */
  readonly settleSent: (result: Result) => Promise<void>;
  /** Says that one is sent, and that its answer is awaited without this activity. */
  readonly noteLate: () => void;
}

export interface Result {
  readonly taken: TakenDelivery;
  readonly error?: unknown;
  readonly receipt?: Receipt;
  /** The delivery keeps its slot of the connection's rate for its next attempt. */
  readonly slotReserved?: true;
  readonly durationMs: number;
}

/**
 * One attempt at deliveries of one consumer: the only caller of consumers. Takes those that are pending, due, the run's own
 * and nobody else's, delivers them, and writes each outcome on its row.
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
  const owner = ownerHere(deps);
  const batchTime = isBatch && !info.isLocal ? openBatchTime() : null;
  const last: { failure?: Outcome['failure'] } = {};
  const options = { overdueAfterSeconds: deps.overdueAfterSeconds, handOverTo: isBatch ? deps.clusterName : null };
  const toOutcome = (result: Result): Outcome => outcomeOf(result, consumerName, info.attempt, deps);
  const report = ({ taken: row, durationMs }: Result, outcome: Outcome, isTaken: boolean): void => {
    last.failure = outcome.failure ?? last.failure ?? null;
    deps.observe({
      deliveryId: row.id,
      eventKey: row.key,
      siteId: row.event.siteId,
      dataQueue: row.dataQueue,
      consumer: consumerName,
      cluster: deps.clusterName,
      attempt: info.attempt,
      tries: row.tries + outcome.tries,
      durationMs: Math.round(durationMs),
      outcome: isTaken ? outcome.state : 'superseded',
      failure: outcome.failure,
    });
  };
  const delivering: Delivering = {
    ...deps,
    owner,
    ids,
    endsAt: performance.now() + info.startToCloseTimeoutMs - END_MARGIN_MS,
    settle: async (tx, results) => {
      const settled = results.map((result) => ({ result, outcome: toOutcome(result) }));
      const outcomes = settled.map(({ outcome }) => outcome);
      const taken = new Set(await deps.db.settleDeliveries(tx, outcomes, options));
      return () => settled.forEach(({ result, outcome }) => report(result, outcome, taken.has(outcome.id)));
    },
    settleSent: async (result) => {
      const outcome = toOutcome(result);
      report(result, outcome, (await deps.db.settleTogether({ ...outcome, ...options })) === true);
    },
    noteLate: () => void (last.failure ??= ANSWER_AWAITED),
  };
  deps.slots.occupied += 1;
  const beating = info.isLocal ? undefined : setInterval(batchTime?.beat ?? (() => heartbeat()), HEARTBEAT_MS);
  try {
    const { receipts, delivered, comeBackMs = new Map() } = await deliverBy(consumer, delivering, batchTime !== null);
    const records = receipts.flatMap((receipt) => (receipt.ids === undefined ? [] : [receipt.ids])).slice(0, MOST_IDS);
    const soonestMs = SOONEST_MS[isBatch ? 'batch' : 'alone'];
    const counts =
      delivered === ids.length
        ? { delivered }
        : await standingOf(delivering, { soonestMs, comeBackMs }, last.failure ?? null, batchTime);
    return records.length === 0 ? counts : { ...counts, ids: records };
  } finally {
    deps.slots.occupied -= 1;
    clearInterval(beating);
  }
}

const MOST_IDS = 20;
const END_MARGIN_MS = 5_000; // for one last statement, and for the result on its way
/** Well below the heartbeat timeout of activity-options.ts. */
export const HEARTBEAT_MS = 5_000;

interface Done {
  readonly receipts: readonly Receipt[];
  readonly delivered: number;
  readonly comeBackMs?: ReadonlyMap<string, number>;
}

async function deliverBy(consumer: Consumer, delivering: Delivering, isBatch: boolean): Promise<Done> {
  if (consumer.kind === 'inDatabase') return { receipts: [], delivered: await writeDeliveries(consumer, delivering) };
  if (!isBatch) {
    const receipts = await sendDeliveries(consumer, delivering);
    return { receipts, delivered: receipts.length };
  }
  const { receipts, comeBackMs } = await sendBatch(consumer, delivering);
  return { receipts, comeBackMs, delivered: receipts.length };
}

/** Of the many in a batch some are always due next: each attempt takes all that have become due within a second. */
const SOONEST_MS = { alone: 100, batch: 1_000 } as const;

/** Where all deliveries of this call stand; throws when the run has to do something about them. */
async function standingOf(
  { db, ids, owner }: Delivering,
  { soonestMs, comeBackMs }: { readonly soonestMs: number; readonly comeBackMs: ReadonlyMap<string, number> },
  failure: Outcome['failure'],
  batchTime: BatchTime | null,
): Promise<StateCounts> {
  const standings = await db.readStandings(db.autocommit, ids, owner);
  const counts: StateCounts = {};
  for (const { state } of standings) counts[state] = (counts[state] ?? 0) + 1;
  const waiting = standings.filter(({ state, mine }) => state === 'pending' && mine);
  const [first] = waiting;
  if (first !== undefined) {
    const waits = waiting.map(({ id, waitMs }) => Math.max(waitMs, comeBackMs.get(id) ?? 0));
    const nextMs = Math.ceil(Math.max(soonestMs, Math.min(...waits)));
    throw ApplicationFailure.create({
      type: failure?.type ?? first.failureType ?? 'Unavailable',
      message: failure?.message ?? first.failureMessage ?? 'Another attempt is under way; coming back.',
      details: [{ ...failure?.details, ...counts }],
      ...(batchTime?.isOver(nextMs) ? { nonRetryable: true } : { nextRetryDelay: nextMs }),
    });
  }
  if (failure !== null && counts.parked === ids.length) {
    throw ApplicationFailure.create({ ...failure, details: [failure.details], nonRetryable: true });
  }
  return counts;
}

/** Whatever a destination asks for, it is asked again within a day; a slot of the rate beyond that is given up. */
const LONGEST_DELAY_MS = 24 * 3600_000;

/** What becomes of the delivery: the one place that decides between delivered, tried again and parked. */
function outcomeOf(result: Result, consumer: string, attempt: number, deps: DeliverDeps): Outcome {
  const { id, leaseToken, tries, connection } = result.taken;
  const base = {
    id,
    leaseToken,
    tries: 0,
    delayMs: 0,
    failure: null,
    receipt: null,
    slotReserved: result.slotReserved ?? (result.error instanceof NoRoom && result.error.keepsSlot),
    connectionEdition: connection?.edition ?? null,
  };
  if (result.error === undefined) return { ...base, state: 'delivered', tries: 1, receipt: result.receipt ?? null };
  const failure = classifyFailure(result.error);
  const { type, message, details } = failure;
  if (!failureTypes[type].retried) return { ...base, state: 'parked', tries: 1, failure: { type, message, details } };
  const free = failure.ours || type === 'RateLimited';
  const rateLimited = free ? result.taken.rateLimited + (type === 'RateLimited' ? 1 : 0) : 0;
  const wantedMs = free
    ? freeDelayMs(failure, rateLimited, attempt)
    : nextDelayMs(failure, tries + 1, deps.retryDelayMs(consumer, tries + 1));
  if (wantedMs === null) {
    return { ...base, state: 'parked', tries: 1, failure: { type, message, details: { ...details, exhausted: true } } };
  }
  const delayMs = Math.min(wantedMs, LONGEST_DELAY_MS);
  const slotReserved = base.slotReserved && wantedMs <= LONGEST_DELAY_MS;
  const counted = { type, message, details: { ...details, ...(rateLimited > 0 && { rateLimited }) } };
  return { ...base, state: 'pending', tries: free ? 0 : 1, delayMs, slotReserved, failure: counted };
}
