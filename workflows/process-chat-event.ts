import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  log,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { DeliverResult } from '../activities/deliver';
import type { RoutedDelivery } from '../activities/read-recorded';
import { rowsOptions } from './activity-options';
import { DeliveryRun } from './delivery-run';
import { describeParked } from './describe-parked';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from './search-attributes';

/** An event that the database knows already. */
export interface RecordedInput {
  readonly key: string;
}

/** An event as a publisher sends it (data in wire form), a list of them, or one that is recorded. Checked at recording. */
export type ProcessChatEventInput = object | readonly object[] | RecordedInput;

export interface Command {
  readonly action: 'redrive' | 'discard' | 'refresh';
  readonly queues: readonly string[];
}

/** Sends again what is parked: a list of data queues (with or without #n), or nothing for all. */
export const redriveSignal = defineSignal<[queues?: string[]]>('redrive');
/** Gives up what is parked, on the record: a list of data queues, or nothing for all. */
export const discardSignal = defineSignal<[queues?: string[]]>('discard');
/** The rows have changed: read them again. */
export const refreshSignal = defineSignal('refresh');
/** The run's deliveries as it knows them. */
export const statusQuery = defineQuery<readonly RoutedDelivery[]>('status');

const rows = proxyLocalActivities<Activities>(rowsOptions);

/**
 * Brings events to all who subscribe: records them, delivers to each consumer on its own, and stays open while something
 * is parked, until an operator redrives or discards it.
 */
export async function processChatEvent(input: ProcessChatEventInput): Promise<DeliverResult> {
  const recorded = isRecorded(input) ? input : undefined;
  const commands: Command[] = [];
  const list = Array.isArray(input) ? (input as readonly object[]) : [input];
  const run = new DeliveryRun(list.length > 1);

  setHandler(redriveSignal, (queues) => addCommand(commands, 'redrive', queues));
  setHandler(discardSignal, (queues) => addCommand(commands, 'discard', queues));
  setHandler(refreshSignal, () => addCommand(commands, 'refresh', undefined));
  setHandler(statusQuery, () => run.deliveries);

  if (recorded === undefined) await record(run, list, input);
  else await readRows(run, [recorded.key]);
  const keys = run.events.map(({ key }) => key);
  const again = () => continueAsNew<typeof processChatEvent>({ key: keys[0] ?? '' });
  if (!run.ride) nameSearchAttributes(run);

  for (;;) {
    for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
      await carryOut(command, keys);
      run.stale = true;
    }
    if (run.stale) await readRows(run, keys);
    run.start();
    if (!run.ride) showParked(run);
    const { landed } = run;
    if (!run.flying && !run.stale && commands.length === 0) {
      if (run.unfinished.length === 0) return countStates(run.deliveries);
      if (run.ride) {
        await forever(() => rows.handOver({ keys }));
        run.stale = true;
        continue;
      }
      // The event's data stays in the history that ends here; what waits knows ids only.
      if (recorded === undefined || workflowInfo().continueAsNewSuggested) await again();
    }
    await condition(() => commands.length > 0 || run.stale || run.landed !== landed);
  }
}

function isRecorded(input: unknown): input is RecordedInput {
  return (
    typeof input === 'object' && input !== null && 'key' in input && typeof input.key === 'string' && !('data' in input)
  );
}

async function record(run: DeliveryRun, list: readonly object[], input: ProcessChatEventInput): Promise<void> {
  const startedAt = workflowInfo().startTime.toISOString();
  const { events, refused } = await forever(
    () => rows.recordEvents({ events: list, startedAt }),
    () => continueAsNew<typeof processChatEvent>(input),
  ).catch((error: unknown) => {
    if ((error as Partial<Error> | null)?.name !== 'RangeError') throw error;
    throw ApplicationFailure.nonRetryable('The event is nested too deep to be read.', 'InvalidEvent');
  });
  run.events = events;
  const [only] = refused;
  if (only !== undefined && list.length === 1) {
    const message = `The event is refused: ${only.problems.map(({ path, problem }) => `${path}: ${problem}`).join('; ')}.`;
    throw ApplicationFailure.create({ type: 'InvalidEvent', message, nonRetryable: true, details: [only.problems] });
  }
}

async function readRows(run: DeliveryRun, keys: readonly string[]): Promise<void> {
  run.stale = false; // before the question: what lands while it is answered makes it stale again
  const events = await forever(() => rows.readRecorded({ keys }));
  if (events.length === 0 && keys.length > 0) {
    throw ApplicationFailure.nonRetryable('The database does not know this event; publish it again.', 'NotRecorded');
  }
  run.update(events);
}

async function carryOut({ action, queues }: Command, keys: readonly string[]): Promise<void> {
  if (action === 'redrive') await forever(() => rows.redriveParked({ keys, queues }));
  if (action === 'discard') await forever(() => rows.discardParked({ keys, queues }));
}

/** Steps that only our own database can fail: tried until they succeed, whatever it takes. */
async function forever<T>(step: () => Promise<T>, startAfresh?: () => Promise<never>): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      // What is no activity's failure would be the same the next time, at once.
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      log.warn('The database does not answer; trying again.');
      if (startAfresh && workflowInfo().continueAsNewSuggested) await startAfresh();
    }
  }
}

/** A signal from a person: nothing, one name or a list of names; anything else is left aside, since it may be a slip. */
function addCommand(commands: Command[], action: Command['action'], queues: unknown): void {
  const list = queues === undefined || queues === null ? [] : typeof queues === 'string' ? [queues] : queues;
  if (Array.isArray(list) && list.every((one) => typeof one === 'string')) commands.push({ action, queues: list });
  else log.warn(`The signal ${action} takes nothing or a list of data queues; this one is left aside.`);
}

/** For runs that somebody else's client started without them. */
function nameSearchAttributes({ events: [event] }: DeliveryRun): void {
  if (event === undefined || workflowInfo().typedSearchAttributes.get(SITE_ID) !== undefined) return;
  upsertSearchAttributes([
    { key: SITE_ID, value: event.siteId },
    { key: EVENT_TYPE, value: event.type },
  ]);
}

/** Search attribute and details follow what is parked. */
function showParked({ events: [event], unfinished, deliveries }: DeliveryRun): void {
  const parked = unfinished.filter(({ state }) => state === 'parked').map(({ label }) => label);
  const shown = workflowInfo().typedSearchAttributes.get(PARKED_QUEUES) ?? [];
  if (parked.join() !== shown.join()) upsertSearchAttributes([{ key: PARKED_QUEUES, value: parked }]);
  setCurrentDetails(describeParked(event?.key ?? '', deliveries));
}

function countStates(deliveries: readonly RoutedDelivery[]): DeliverResult {
  const counts: DeliverResult = {};
  for (const { state } of deliveries) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
