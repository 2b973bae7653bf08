import type { Consumer } from './consumer';
import { deliver, type DeliverDeps, type DeliverInput, type DeliverResult } from './deliver';
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
    recordEvents: (input: RecordInput) => recordEvents(input, deps),
    readRecorded: (input: KeysInput) => readRecorded(input, deps),
    redriveParked: (input: ChangeInput) => redriveParked(input, deps),
    discardParked: (input: ChangeInput) => discardParked(input, deps),
    handOver: (input: KeysInput) => handOver(input, deps),
    sweep: () => sweep(deps),
  };
}

/** One activity per consumer, its type the consumer's name. */
export function createDeliveries(consumers: Readonly<Record<string, Consumer>>, deps: DeliverDeps) {
  return Object.fromEntries(
    Object.entries(consumers).map(([name, consumer]) => [
      name,
      (input: DeliverInput): Promise<DeliverResult> => deliver(name, consumer, input, deps),
    ]),
  );
}
