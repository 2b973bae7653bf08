import { Context } from '@temporalio/activity';
import type { Database, Transaction } from '../../db/database';
import type { Owner } from '../../db/owner';
import type { Outcome } from '../../db/settle-deliveries';
import { ageOf, type Attempt } from '../attempt';
import type { InFlight } from '../connections/in-flight';
import type { SecretBox } from '../connections/secret-box';
import type { Slots } from '../connections/slots';
import type { Runs } from '../maintenance/runs';
import { ownerHere } from '../owner-here';
import { ANSWER_AWAITED, type LateAnswers } from './late-answers';
import { madeAttempt } from './made-attempt';
import { outcomeOf, type AttemptResult } from './outcome-of';

export interface DeliverDeps {
  readonly db: Database;
  readonly clusterName: string;
  /** Milliseconds until the next try after `tries` counted ones; null: it was the last. */
  readonly retryDelayMs: (consumer: string, tries: number) => number | null;
  /** Opens the secrets of connections; null = this process has no key. */
  readonly secretBox: SecretBox | null;
  /** One for the whole process, as is `lateAnswers`. */
  readonly inFlight: InFlight;
  readonly lateAnswers: LateAnswers;
  /** Of the Worker that takes this consumer's activities. */
  readonly slots: Slots;
  readonly runs: Pick<Runs, 'wasAskedFor' | 'refresh'>;
  readonly observe: (attempt: Attempt) => void;
}

/** One call of `deliver`: its deliveries, and how their outcomes are written. Each way to deliver takes it. */
export interface DeliverCall extends DeliverDeps {
  readonly owner: Owner;
  readonly ids: readonly string[];
  /** Of `performance.now()`: until then an outcome can be written; the activity ends soon after. */
  readonly endsAt: number;
  /** Writes outcomes to their rows. The returned function logs and counts them; it is called once they are committed. */
  readonly settle: (tx: Transaction, results: readonly AttemptResult[]) => Promise<() => void>;
  /** The same for one delivery that was sent, at once, together with others that this process settles at the moment. */
  readonly settleSent: (result: AttemptResult) => Promise<void>;
  /** Notes that a delivery is sent and that its answer is awaited without this activity. */
  readonly noteLate: () => void;
  /** The failure that the call ends with, if deliveries are left; null: none was seen. */
  readonly lastFailure: () => Outcome['failure'];
}

/** For one last statement, and for the activity's result on its way. */
const END_MARGIN_MS = 5_000;
/** A send of a local attempt goes on without it, for as long as one of the consumer's queue may take. */
const LOCAL_SEND_MS = 60_000;

/** @param isBatch a parked delivery gets its event's own workflow as owner */
export function openCall(consumer: string, ids: readonly string[], isBatch: boolean, deps: DeliverDeps): DeliverCall {
  const { info } = Context.current();
  const { db, clusterName } = deps;
  const toOutcome = (result: AttemptResult): Outcome => {
    const outcome = outcomeOf(result, info.attempt, (tries) => deps.retryDelayMs(consumer, tries));
    return {
      ...outcome,
      ...(!result.unsent && { attempt: madeAttempt(outcome, result.durationMs) }),
      ...(isBatch && { handOverTo: clusterName }),
    };
  };
  let last: Outcome['failure'] = null;
  const report = ({ taken: row, durationMs, unsent }: AttemptResult, outcome: Outcome, isWritten: boolean): void => {
    last = outcome.failure ?? last;
    deps.observe({
      deliveryId: row.id,
      eventKey: row.key,
      siteId: row.event.siteId,
      dataQueue: row.dataQueue,
      consumer,
      cluster: clusterName,
      attempt: info.attempt,
      tries: row.tries + outcome.tries,
      durationMs: Math.round(durationMs),
      ageMs: ageOf(row.event.receivedAt),
      isRepeat: unsent !== true && row.mayHaveArrived,
      outcome: isWritten ? outcome.state : 'superseded',
      failure: outcome.failure,
    });
  };
  return {
    ...deps,
    owner: ownerHere(deps),
    ids,
    endsAt: performance.now() + (info.isLocal ? LOCAL_SEND_MS : info.startToCloseTimeoutMs) - END_MARGIN_MS,
    settle: async (tx, results) => {
      const settled = results.map((result) => ({ result, outcome: toOutcome(result) }));
      const outcomes = settled.map(({ outcome }) => outcome);
      const written = new Set(await tx.settleDeliveries(outcomes));
      return () => settled.forEach(({ result, outcome }) => report(result, outcome, written.has(outcome.id)));
    },
    settleSent: async (result) => {
      const outcome = toOutcome(result);
      report(result, outcome, (await db.settleDelivery(outcome)) === true);
    },
    noteLate: () => void (last ??= ANSWER_AWAITED),
    lastFailure: () => last,
  };
}
