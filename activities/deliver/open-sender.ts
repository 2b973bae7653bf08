import { log } from '@temporalio/activity';
import type { TakenDelivery } from '../../db/take-deliveries';
import { askUntil } from '../ask-until';
import type { ExternalConsumer, Receipt } from '../consumer';
import { isDatabaseUnavailable } from '../failures';
import { aborted } from './aborted';
import type { DeliverCall } from './deliver-call';
import { endOfLate } from './late-answers';
import type { AttemptResult } from './outcome-of';
import type { Places } from './places';
import { LEASE_MARGIN_MS, trySend } from './try-send';

/** Claims and sends the deliveries of one activity. */
export interface Sender {
  readonly claim: (ids: readonly string[]) => Promise<{ taken: TakenDelivery[]; claimedAt: number }>;
  /**
   * Sends one and writes its outcome.
   *
   * @param place takes the place that the send needs, or says in how many milliseconds it may be free
   * @returns the receipt, when it was delivered; LATE, when it is sent and its answer is awaited without this activity
   */
  readonly send: (
    row: TakenDelivery,
    claimedAt: number,
    place: () => Places | number,
  ) => Promise<Receipt | typeof LATE | undefined>;
}

export const LATE = 'late';

/** @param patience when it is aborted, sends go on without this activity, and tell its run when they have ended; default: never */
export function openSender(consumer: ExternalConsumer, call: DeliverCall, patience?: AbortSignal): Sender {
  const { db, owner, lateAnswers, runs } = call;
  const leaseSeconds = (consumer.requestTimeoutMs + LEASE_MARGIN_MS) / 1000;
  const broken = new Map<string | null, unknown>();
  return {
    async claim(ids) {
      const claimedAt = performance.now();
      const claims = await Promise.allSettled(ids.map((id) => db.claimDelivery({ id, owner, leaseSeconds })));
      const taken = claims.flatMap((claim) => (claim.status === 'fulfilled' && claim.value ? [claim.value] : []));
      const failed = claims.find((claim) => claim.status === 'rejected');
      if (failed && taken.length === 0) throw failed.reason; // else the claimed ones are sent, and the others tried again later
      return { taken, claimedAt };
    },
    async send(row, claimedAt, place) {
      const late = new AbortController();
      const leaving = patience === undefined ? late.signal : AbortSignal.any([late.signal, patience]);
      const sending = trySend({ consumer, row, claimedAt, place, broken, call, onLate: () => late.abort() }).then(
        async (result) => {
          await settle(call, result, leaving.aborted ? endOfLate() : call.endsAt);
          return result.receipt;
        },
      );
      const first = await Promise.race([sending, aborted(leaving).then((): typeof LATE => LATE)]);
      if (first !== LATE) return first;
      // Without the signal the next attempt looks some seconds later, as it does when the signal fails.
      const told = patience === undefined ? sending : sending.then(() => runs.refresh(owner).catch(() => {}));
      const renew = () => db.renewLease(row.id, row.leaseToken, leaseSeconds);
      lateAnswers.add(told, leaseSeconds, renew, !late.signal.aborted);
      call.noteLate();
      return LATE;
    },
  };
}

async function settle({ settleSent }: DeliverCall, result: AttemptResult, endsAt: number): Promise<void> {
  try {
    await askUntil(endsAt, () => settleSent(result));
  } catch (error) {
    const { id, key, dataQueue } = result.taken;
    const message = 'The database did not answer: the outcome of a send is not written, and it will be sent again';
    if (isDatabaseUnavailable(error)) log.warn(message, { deliveryId: id, eventKey: key, dataQueue });
    throw error;
  }
}
