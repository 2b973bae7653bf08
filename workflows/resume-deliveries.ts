import {
  ApplicationFailure,
  continueAsNew,
  patched,
  proxyLocalActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { LeftOut, ParkedCount, Place } from '../activities/maintenance/resume';
import { rowsOptions } from './activity-options';
import { logUnknownSignals } from './unknown-signals';

/** The action, and the parked deliveries that it takes: those for which all given conditions hold. */
export interface ResumeInput {
  readonly action: 'redrive' | 'discard';
  readonly site?: string | number;
  /** Event type. */
  readonly type?: string;
  /** Data queue, with or without #n. */
  readonly queue?: string;
  /**
   * Failure type. Without it: all but `Rejected`, which would be refused again, and `Unconfirmed`, which may have arrived; a
   * discard leaves out `Paused` as well.
   */
  readonly failure?: string;
  /** Only deliveries that were parked before this time, ISO. Default, and at most: the start of the workflow. */
  readonly before?: string;
  /** Deliveries per second, from 0.001 to 1,000. */
  readonly rate: number;
  /** Only counts. */
  readonly dryRun?: boolean;
  /** Site or "*": the subscription of `queue` for it becomes active at the end. */
  readonly resumes?: string;
  /** Of the deliveries that wait for their next try, the last that was taken before the run continued as new. */
  readonly woken?: Place;
  /** How many were changed before the run continued as new. */
  readonly done?: number;
}

export interface Resumed {
  readonly changed: number;
  /** Of a dry run: parked deliveries. */
  readonly wouldChange?: readonly ParkedCount[];
  /** Of a dry run of a redrive: deliveries that wait for their next try, by their last failure. */
  readonly wouldWake?: readonly ParkedCount[];
  /** Of a dry run: the deliveries that it would leave out, and why. */
  readonly leftOut?: readonly LeftOut[];
}

const { resumeBatch, countParked, countLeftOut, wakeBatch, countWaiting, finishResuming } =
  proxyLocalActivities<Activities>({
    ...rowsOptions,
    retry: { ...rowsOptions.retry, maximumAttempts: Number.POSITIVE_INFINITY }, // the database will answer again
  });

/**
 * Redrives or discards many parked deliveries: oldest event first, at a rate. A delivery that is parked again after the start is
 * left alone. A redrive then makes deliveries due now that wait for their next try, each once. Can be started from the Web UI or by `ops`.
 */
export async function resumeDeliveries(input: ResumeInput): Promise<Resumed> {
  logUnknownSignals();
  const problem = findProblem(input);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
  const { action, type, queue, failure, rate, resumes } = input;
  const site = typeof input.site === 'number' ? String(input.site) : input.site;
  // Otherwise a delivery that is parked again meanwhile would be taken again and again.
  const start = workflowInfo().startTime.getTime();
  const before = new Date(Math.min(start, Date.parse(input.before ?? '') || start)).toISOString();
  const selection = { siteId: site, eventType: type, queue, failure, before };
  // The resuming of a subscription takes the deliveries that are parked because of it; its runs of older releases took nothing else.
  const mayTakeWaiting = action === 'redrive' && resumes === undefined && failure !== 'Paused';
  const takesWaiting = (): boolean => mayTakeWaiting && patched('wake-waiting');
  const { before: _, ...waiting } = selection;
  const until = new Date(start).toISOString(); // with those that come later it might never end
  if (input.dryRun) {
    const wouldChange = await countParked({ action, ...selection });
    const wouldWake = takesWaiting() ? await countWaiting(waiting) : [];
    const leftOut = patched('left-out') ? await countLeftOut({ action, ...selection }) : [];
    setCurrentDetails(describeDryRun(action, [...wouldChange, ...wouldWake], leftOut));
    return {
      changed: 0,
      wouldChange,
      ...(wouldWake.length > 0 && { wouldWake }),
      ...(leftOut.length > 0 && { leftOut }),
    };
  }

  // A second's worth at a time; at less than one per second, one by one.
  const limit = Math.min(100, Math.max(1, Math.floor(rate)));
  let done = typeof input.done === 'number' ? input.done : 0;
  let woken = input.woken;
  // When the rate lets the next batch begin: the time that a batch takes counts, and a late batch is made up for once.
  let nextAt = Date.now();
  /** @returns false: there are no more */
  const take = async (next: () => Promise<number>): Promise<boolean> => {
    const changed = await next();
    done += changed;
    setCurrentDetails(`${action}: ${done} deliveries so far, ${rate} per second.`);
    if (changed === 0) return false;
    const lasts = (1000 * changed) / rate;
    nextAt = Math.max(nextAt + lasts, Date.now());
    await sleep(Math.max(1, nextAt - Date.now())); // always a timer, as in histories of older releases
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof resumeDeliveries>({ ...input, before, done, ...(woken && { woken }) });
    return true;
  };
  while (await take(() => resumeBatch({ action, limit, ...selection })));
  const wakeNext = async (): Promise<number> => {
    const { changed, last } = await wakeBatch({ ...waiting, limit, after: woken, until });
    woken = last ?? woken;
    return changed;
  };
  while (takesWaiting() && (await take(wakeNext)));
  if (resumes !== undefined && queue !== undefined) await finishResuming({ queue, siteId: resumes });
  return { changed: done };
}

function describeDryRun(action: string, taken: readonly ParkedCount[], left: readonly LeftOut[]): string {
  const line = ({ dataQueue, failure, deliveries }: ParkedCount): string => `- ${deliveries} ${dataQueue} ${failure}`;
  return [
    taken.length === 0 ? `There is nothing to ${action}.` : `A ${action} would take:`,
    '',
    ...taken.map(line),
    ...(left.length === 0 ? [] : ['', 'It would leave out:', '', ...left.map((one) => `${line(one)}: ${one.why}`)]),
  ].join('\n');
}

/** An operator who starts it from the Web UI learns here which input is wrong. */
function findProblem(input: ResumeInput): string | undefined {
  const { action, rate, before, dryRun, resumes, queue } = (input ?? {}) as Partial<ResumeInput>;
  if (action !== 'redrive' && action !== 'discard') return 'action: expected "redrive" or "discard".';
  if (!dryRun && !(typeof rate === 'number' && rate >= 0.001 && rate <= 1000)) {
    return 'rate: expected deliveries per second, from 0.001 to 1000.';
  }
  if (before !== undefined && !(typeof before === 'string' && isTime(before))) return 'before: expected an ISO time.';
  if (resumes !== undefined && queue === undefined) return 'resumes: needs a queue.';
  for (const name of ['site', 'type', 'queue', 'failure', 'resumes'] as const) {
    const value: unknown = input[name];
    if (name === 'site' && Number.isSafeInteger(value)) continue;
    if (value !== undefined && !(typeof value === 'string' && !/\p{C}/u.test(value)))
      return `${name}: expected a name.`;
  }
  return undefined;
}

/** True for a time that our database can read, too. */
function isTime(text: string): boolean {
  const time = Date.parse(text);
  return time >= 0 && time < Date.parse('9999-01-01');
}
