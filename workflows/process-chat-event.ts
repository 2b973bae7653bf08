import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  proxyLocalActivities,
  setCurrentDetails,
  upsertSearchAttributes,
  ValueError,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { StateCounts } from '../activities/deliver/finish-attempt';
import { rowsOptions } from './activity-options';
import { cut, isLarger, KEPT } from '../protocol/bound-input';
import { DeliveryRun } from './delivery-run';
import { describeBatch, describeEvent } from './describe-event';
import { OperatorCommands, type Command } from './operator-commands';
import { logUnknownSignals } from './unknown-signals';
import { isOurs, isRecorded, type RecordedBatch, type RecordedInput } from './recorded-input';
import { EVENT_TYPE, PARKED_QUEUES, SITE_ID } from '../protocol/search-attributes';

/** An event as a publisher sends it (data in wire form), a list of them, or keys of recorded events. Checked at recording. */
export type ProcessChatEventInput = object | readonly object[] | RecordedInput | RecordedBatch;

const rows = proxyLocalActivities<Activities>(rowsOptions);

/**
 * Delivers events to all subscriptions: records them, delivers to each consumer on its own, and stays open while a delivery is
 * parked, until an operator redrives or discards it.
 */
export async function processChatEvent(input: ProcessChatEventInput): Promise<StateCounts> {
  const recorded = isRecorded(input) ? input : undefined;
  const list = Array.isArray(input) ? (input as readonly object[]) : [input];
  const run = new DeliveryRun(list.length > 1 || (recorded !== undefined && 'keys' in recorded));

  const commands = new OperatorCommands(run);
  logUnknownSignals();

  if (recorded === undefined) await record(run, list, input, () => !commands.hasUpdates && commands.isEmpty);
  else await readAgain(run, recorded);
  commands.accept();
  const keys = run.events.map(({ key }) => key);
  const keepsTooMuch = recorded === undefined && isLarger(input, run.isBatch ? KEPT_OF_BATCH : KEPT);
  // An older release would refuse { keys } as an event: this one reads it, and a later one may write it.
  const mayWrite = (): boolean => !run.isBatch || !patched('rides-stay');
  const again = () => continueAsNew<typeof processChatEvent>(inputOf(run));
  if (!run.isBatch) nameSearchAttributes(run);

  for (;;) {
    for (let command = commands.next(); command !== undefined; command = commands.next())
      await carryOut(command, run, keys);
    if (commands.hasUpdates) await commands.answered();
    if (!commands.isEmpty) continue;
    if (run.stale) await readRows(run, keys);
    // A large input would stay in the worker's memory while its deliveries are tried, maybe for days, and they do not need it.
    const mayLeave = keepsTooMuch && !run.isDelivering && commands.isEmpty && run.unfinished.length > 0;
    if (mayLeave && mayWrite() && patched('leave-large-input')) await again();
    run.start();
    if (run.isBatch) setCurrentDetails(describeBatch(run.events, countStates(run)));
    else showParked(run);
    const { ended } = run;
    if (!run.isDelivering && !run.stale && commands.isEmpty) {
      if (run.unfinished.length === 0) return countStates(run);
      if (run.isBatch) {
        await forever(() => rows.handOver({ keys }));
        if (commands.isEmpty) return countStates(run);
        continue;
      }
      // The event's data stays in the history that ends here; the run that waits has ids only.
      if (recorded === undefined || workflowInfo().continueAsNewSuggested) await again();
    }
    await condition(() => !commands.isEmpty || run.stale || run.ended !== ended);
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
  const recordFitting = () =>
    recordAll(list).catch((error: unknown) => {
      if (!(error instanceof ValueError)) throw error;
      return recordAll(list.map((one) => cut(one))); // so that only the one that cannot be serialized is refused
    });
  const { events, refused } = await recordFitting().catch(async (error: unknown) => {
    if (!isCancellation(error) || !patched('record-although-cancelled')) throw error;
    await CancellationScope.nonCancellable(recordFitting); // from now on the rows have the event, and the sweep continues it
    throw error;
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

/** Input of the run that continues this one: ids and routing, nothing of the event's data. */
function inputOf({ isBatch, events, deliveries }: DeliveryRun): RecordedInput | RecordedBatch {
  if (isBatch) return { keys: events.map(({ key }) => key) };
  const [event] = events;
  return event === undefined ? { key: '' } : { key: event.key, known: { ...event, deliveries } };
}

async function readRows(run: DeliveryRun, keys: readonly string[]): Promise<void> {
  run.stale = false; // before the question: a delivery that ends meanwhile makes it stale again
  const events = await forever(() => rows.readRecorded({ keys }));
  if (events.length === 0 && keys.length > 0) {
    throw ApplicationFailure.nonRetryable('The database does not know this event; publish it again.', 'NotRecorded');
  }
  run.update(events);
}

async function carryOut({ action, queues, answer }: Command, run: DeliveryRun, keys: readonly string[]): Promise<void> {
  const before = countDiscarded(run);
  const redriven = action === 'redrive' ? await forever(() => rows.redriveParked({ keys, queues })) : 0;
  if (action === 'discard') await forever(() => rows.discardParked({ keys, queues }));
  run.stale = true;
  if (answer === undefined) return;
  await readRows(run, keys);
  answer(action === 'redrive' ? redriven : countDiscarded(run) - before);
}

const countDiscarded = ({ deliveries }: DeliveryRun): number =>
  deliveries.filter(({ state }) => state === 'discarded').length;

/** Of a batch: more than our publishers put into one, so that theirs need no second run. */
const KEPT_OF_BATCH = 262_144;

/** For steps that fail only when our own database does: tried until they succeed. */
async function forever<T>(step: () => Promise<T>, beforeNext = async (): Promise<void> => {}): Promise<T> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      // An error that is no activity's failure would come again at once.
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      log.warn('The database does not answer; trying again.');
      await beforeNext();
    }
  }
}

/** For runs that a foreign client started without them. */
function nameSearchAttributes({ events: [event] }: DeliveryRun): void {
  if (event === undefined || workflowInfo().typedSearchAttributes.get(SITE_ID) !== undefined) return;
  upsertSearchAttributes([
    { key: SITE_ID, value: event.siteId },
    { key: EVENT_TYPE, value: event.type },
  ]);
}

/** Shows the parked deliveries as search attribute and details; the details replace the summary, which continue-as-new drops. */
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
