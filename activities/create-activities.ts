import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { Consumer } from './consumer';
import { deliver, type DeliverDeps, type DeliverInput, type DeliverResult } from './deliver';
import { classifyFailure } from './failures';
import { findRecorded } from './maintenance/find-recorded';
import { countParked, finishResuming, resumeBatch, type CountInput, type ResumeBatchInput } from './maintenance/resume';
import { sweep, type SweepDeps } from './maintenance/sweep';
import {
  discardParked,
  handOver,
  readRecorded,
  redriveParked,
  type ChangeInput,
  type KeysInput,
} from './read-recorded';
import { recordEvents, type RecordDeps, type RecordInput } from './record-events';

export type ActivityDeps = DeliverDeps & RecordDeps & SweepDeps;

/** The activities that runs and maintenance call, beside the consumers' own. */
export type Activities = ReturnType<typeof createActivities>;

export function createActivities(deps: ActivityDeps) {
  return {
    recordEvents: (input: RecordInput) => sayingNoMore(recordEvents(input, deps)),
    readRecorded: (input: KeysInput) => sayingNoMore(readRecorded(input, deps)),
    redriveParked: (input: ChangeInput) => sayingNoMore(redriveParked(input, deps)),
    discardParked: (input: ChangeInput) => sayingNoMore(discardParked(input, deps)),
    handOver: (input: KeysInput) => sayingNoMore(handOver(input, deps)),
    findRecorded: (input: KeysInput) => sayingNoMore(findRecorded(input, deps)),
    sweep: () => sayingNoMore(sweep(deps)),
    resumeBatch: (input: ResumeBatchInput) => sayingNoMore(resumeBatch(input, deps)),
    countParked: (input: CountInput) => sayingNoMore(countParked(input, deps)),
    finishResuming: (input: { readonly queue: string; readonly siteId: string }) =>
      sayingNoMore(finishResuming(input, deps)),
  };
}

/** One activity per consumer, its type the consumer's name. */
export function createDeliveries(consumers: Readonly<Record<string, Consumer>>, deps: DeliverDeps) {
  return Object.fromEntries(
    Object.entries(consumers).map(([name, consumer]) => [
      name,
      (input: DeliverInput): Promise<DeliverResult> => sayingNoMore(deliver(name, consumer, input, deps)),
    ]),
  );
}

/** Failures go into histories and logs, so an error that nobody worded for that is replaced by its classification. */
async function sayingNoMore<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
    const { type, message, details } = classifyFailure(error);
    throw ApplicationFailure.create({ type, message, details: [details] });
  }
}
