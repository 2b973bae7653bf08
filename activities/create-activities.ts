import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { Consumer } from './consumer';
import type { FirstAttempts } from './deliver/first-attempts';
import { deliver, type DeliverInput, type DeliverResult } from './deliver/deliver';
import type { DeliverDeps } from './deliver/deliver-call';
import type { Slots } from './connections/slots';
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
  /** Of the Worker of each consumer. */
  readonly slots: ReadonlyMap<string, Slots>;
  readonly firstAttempts: FirstAttempts;
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
  { slots, firstAttempts, ...others }: DeliveriesDeps,
) {
  return Object.fromEntries(
    Object.entries(consumers).map(([name, consumer]) => {
      const own = slots.get(name);
      if (own === undefined) throw new Error(`There are no slots for the consumer ${name}.`);
      const deps: DeliverDeps = { ...others, slots: own };
      const attempt = (input: DeliverInput): Promise<DeliverResult> =>
        withoutData(deliver(name, consumer, input, deps)).finally(() => firstAttempts.leave(input.ids));
      return [name, attempt];
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
