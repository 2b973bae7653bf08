import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  log,
  patched,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  ValueError,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { StateCounts } from '../activities/deliver/deliver';
import type { RoutedDelivery } from '../activities/record/read-recorded';
import { rowsOptions } from './activity-options';
import { cut, isLarger } from './bound-input';
import { DeliveryRun } from './delivery-run';
import { describeEvent, describeBatch } from './describe-event';
import { isOurs, isRecorded, type RecordedInput, type RecordedBatch } from './recorded-input';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from '../protocol/search-attributes';

/** An event as a publisher sends it (data in wire form), a list of them, or what is recorded. Checked at recording. */
export type ProcessChatEventInput = object | readonly object[] | RecordedInput | RecordedBatch;

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
export async function processChatEvent(input: ProcessChatEventInput): Promise<StateCounts> {
  const recorded = isRecorded(input) ? input : undefined;
  const commands: Command[] = [];
  const list = Array.isArray(input) ? (input as readonly object[]) : [input];
  const run = new DeliveryRun(list.length > 1 || (recorded !== undefined && 'keys' in recorded));

  setHandler(redriveSignal, (queues) => addCommand(commands, 'redrive', queues));
  setHandler(discardSignal, (queues) => addCommand(commands, 'discard', queues));
  setHandler(refreshSignal, () => addCommand(commands, 'refresh', undefined));
  setHandler(statusQuery, () => run.deliveries);

  if (recorded === undefined) await record(run, list, input, () => commands.length === 0);
  else await readAgain(run, recorded);
  const keys = run.events.map(({ key }) => key);
  const keepsTooMuch = recorded === undefined && isLarger(input, run.isBatch ? KEPT_OF_BATCH : KEPT);
  // The release before does not know { keys }, and would refuse it as an event: this one reads it, the next one may write it.
  const mayWrite = (): boolean => !run.isBatch || !patched('rides-stay');
  const again = () => continueAsNew<typeof processChatEvent>(inputOf(run));
  if (!run.isBatch) nameSearchAttributes(run);

  for (;;) {
    for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
      await carryOut(command, keys);
      run.stale = true;
    }
    if (run.stale) await readRows(run, keys);
    // What is being delivered, maybe for days, needs no data of the event: that would stay in the worker's memory meanwhile.
    const mayLeave = keepsTooMuch && !run.flying && commands.length === 0 && run.unfinished.length > 0;
    if (mayLeave && mayWrite() && patched('leave-large-input')) await again();
    run.start();
    if (run.isBatch) setCurrentDetails(describeBatch(run.events, countStates(run)));
    else showParked(run);
    const { landed } = run;
    if (!run.flying && !run.stale && commands.length === 0) {
      if (run.unfinished.length === 0) return countStates(run);
      if (run.isBatch) {
        await forever(() => rows.handOver({ keys }));
        if (commands.length === 0) return countStates(run);
        continue;
      }
      // The event's data stays in the history that ends here; what waits knows ids only.
      if (recorded === undefined || workflowInfo().continueAsNewSuggested) await again();
    }
    await condition(() => commands.length > 0 || run.stale || run.landed !== landed);
  }
}

async function record(
  run: DeliveryRun,
  list: readonly object[],
  input: ProcessChatEventInput,
  mayStartAfresh: () => boolean,
): Promise<void> {
  const startedAt = workflowInfo().startTime.toISOString(); // of the first run, however often it continued as new
  const recordAll = (all: readonly unknown[]) =>
    forever(
      () => rows.recordEvents({ events: all, startedAt }),
      async () => {
        if (workflowInfo().continueAsNewSuggested && mayStartAfresh())
          await continueAsNew<typeof processChatEvent>(input);
      },
    );
  const { events, refused } = await recordAll(list).catch((error: unknown) => {
    if (!(error instanceof ValueError)) throw error;
    return recordAll(list.map((one) => cut(one))); // so that the one that cannot be written down is refused alone
  });
  run.events = events;
  const [only] = refused;
  if (only !== undefined && list.length === 1) {
    const message = `The event is refused: ${only.problems.map(({ path, problem }) => `${path}: ${problem}`).join('; ')}.`;
    throw ApplicationFailure.create({ type: 'InvalidEvent', message, nonRetryable: true, details: [only.problems] });
  }
}

async function readAgain(run: DeliveryRun, recorded: RecordedInput | RecordedBatch): Promise<void> {
  if ('keys' in recorded) return await readRows(run, recorded.keys);
  const { key, known } = recorded;
  if (isOurs(known, key)) {
    run.events = [known];
    setCurrentDetails(describeEvent(known, run.deliveries));
  }
  await readRows(run, [key]);
}

/** Of the run that goes on where this one stops: ids and routing, nothing of the event's data. */
function inputOf({ isBatch, events, deliveries }: DeliveryRun): RecordedInput | RecordedBatch {
  if (isBatch) return { keys: events.map(({ key }) => key) };
  const [event] = events;
  return event === undefined ? { key: '' } : { key: event.key, known: { ...event, deliveries } };
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

/** Characters of an input that a run keeps while it delivers: a larger one is left behind once it is recorded. */
const KEPT = 65_536;
/** Of a batch: above what our publishers put together, so that theirs need no second run. */
const KEPT_OF_BATCH = 262_144;

/** Steps that only our own database can fail: tried until they succeed, whatever it takes. */
async function forever<T>(step: () => Promise<T>, beforeNext = async (): Promise<void> => {}): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      // What is no activity's failure would be the same the next time, at once.
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      log.warn('The database does not answer; trying again.');
      await beforeNext();
    }
  }
}

/** A signal from a person: nothing, one name or a list of names; anything else is left aside, since it may be a slip. */
function addCommand(commands: Command[], action: Command['action'], queues: unknown): void {
  const list = queues === undefined || queues === null ? [] : typeof queues === 'string' ? [queues] : queues;
  const isName = (one: unknown) => typeof one === 'string' && one !== '' && !/\p{C}/u.test(one);
  if (Array.isArray(list) && list.every(isName)) commands.push({ action, queues: list });
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

/** Search attribute and details follow what is parked; the details stand in for the summary that continue-as-new drops. */
function showParked({ events: [event], unfinished, deliveries }: DeliveryRun): void {
  const parked = unfinished.filter(({ state }) => state === 'parked').map(({ label }) => label);
  const shown = workflowInfo().typedSearchAttributes.get(PARKED_QUEUES) ?? [];
  if (parked.join() !== shown.join()) upsertSearchAttributes([{ key: PARKED_QUEUES, value: parked }]);
  if (event !== undefined) setCurrentDetails(describeEvent(event, deliveries));
}

function countStates({ deliveries, done }: DeliveryRun): StateCounts {
  const counts: StateCounts = done > 0 ? { delivered: done } : {};
  for (const { state } of deliveries) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
