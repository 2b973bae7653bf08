import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { Consumer } from './consumer';
import { deliver, type DeliverInput, type DeliverResult } from './deliver/deliver';
import type { DeliverDeps } from './deliver/deliver-call';
import { Slots } from './connections/slots';
import { classifyFailure } from './failures';
import { findRecorded } from './maintenance/find-recorded';
import { prune } from './maintenance/prune';
import { resendNext, type ResendDeps } from './maintenance/resend';
import { countLeftOut, countParked, countWaiting, finishResuming, resumeBatch, wakeBatch } from './maintenance/resume';
import { sweep, type SweepDeps } from './maintenance/sweep';
import { discardParked, redriveParked } from './record/change-parked';
import { handOver } from './record/hand-over';
import { readRecorded } from './record/read-recorded';
import { recordEvents, type RecordDeps } from './record/record-events';

export type ActivityDeps = DeliveriesDeps & RecordDeps & SweepDeps & ResendDeps;

interface DeliveriesDeps extends Omit<DeliverDeps, 'slots'> {
  /** Activities that the Worker of each consumer runs at once. */
  readonly consumerSlots: number;
}

/** The activities of workflows, beside those of consumers. */
export type Activities = ReturnType<typeof createActivities>;

export function createActivities(deps: ActivityDeps) {
  const bound =
    <Input, Output>(work: (input: Input, deps: ActivityDeps) => Promise<Output>) =>
    (input: Input): Promise<Output> =>
      withoutData(work(input, deps));
  return {
    recordEvents: bound(recordEvents),
    readRecorded: bound(readRecorded),
    redriveParked: bound(redriveParked),
    discardParked: bound(discardParked),
    handOver: bound(handOver),
    findRecorded: bound(findRecorded),
    prune: bound(prune),
    resendNext: bound(resendNext),
    sweep: () => withoutData(sweep(deps)),
    resumeBatch: bound(resumeBatch),
    countParked: bound(countParked),
    countLeftOut: bound(countLeftOut),
    wakeBatch: bound(wakeBatch),
    countWaiting: bound(countWaiting),
    finishResuming: bound(finishResuming),
  };
}

/** One activity per consumer; the consumer's name is the activity type. */
export function createDeliveries(
  consumers: Readonly<Record<string, Consumer>>,
  { consumerSlots, ...others }: DeliveriesDeps,
) {
  return Object.fromEntries(
    Object.entries(consumers).map(([name, consumer]) => {
      const deps: DeliverDeps = { ...others, slots: new Slots(consumerSlots) };
      return [name, (input: DeliverInput): Promise<DeliverResult> => withoutData(deliver(name, consumer, input, deps))];
    }),
  );
}

/** Failures go into histories and logs, so an error whose text may quote data is replaced by its classification. */
async function withoutData<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    const { type, message, details } = classifyFailure(error);
    throw ApplicationFailure.create({ type, message, details: [details] });
  }
}
