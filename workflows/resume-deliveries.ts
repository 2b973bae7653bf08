import {
  ApplicationFailure,
  continueAsNew,
  proxyLocalActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/create-activities';
import type { ParkedCount } from '../activities/maintenance/resume';
import { rowsOptions } from './activity-options';

/** What to do with which parked deliveries: those for which all given conditions hold. */
export interface ResumeInput {
  readonly action: 'redrive' | 'discard';
  readonly site?: string;
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
  /** How many were changed before the run continued as new. */
  readonly done?: number;
}

export interface Resumed {
  readonly changed: number;
  /** Of a dry run. */
  readonly wouldChange?: readonly ParkedCount[];
}

const { resumeBatch, countParked, finishResuming } = proxyLocalActivities<Activities>({
  ...rowsOptions,
  retry: { ...rowsOptions.retry, maximumAttempts: Number.POSITIVE_INFINITY }, // the database will answer again
});

/**
 * Redrives or discards many parked deliveries: oldest event first, at a rate. A delivery that is parked again after the start is
 * left alone. Can be started from the Web UI or by `ops`.
 */
export async function resumeDeliveries(input: ResumeInput): Promise<Resumed> {
  const problem = findProblem(input);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
  const { action, site, type, queue, failure, rate, resumes } = input;
  // Otherwise a delivery that is parked again meanwhile would be taken again and again.
  const start = workflowInfo().startTime.getTime();
  const before = new Date(Math.min(start, Date.parse(input.before ?? '') || start)).toISOString();
  const selection = { siteId: site, eventType: type, queue, failure, before };
  if (input.dryRun) return { changed: 0, wouldChange: await countParked({ action, ...selection }) };

  // A second's worth at a time; at less than one per second, one by one.
  const limit = Math.min(100, Math.max(1, Math.floor(rate)));
  let done = typeof input.done === 'number' ? input.done : 0;
  for (;;) {
    const changed = await resumeBatch({ action, limit, ...selection });
    done += changed;
    setCurrentDetails(`${action}: ${done} deliveries so far, ${rate} per second.`);
    if (changed === 0) break;
    await sleep((1000 * changed) / rate);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof resumeDeliveries>({ ...input, before, done });
  }
  if (resumes !== undefined && queue !== undefined) await finishResuming({ queue, siteId: resumes });
  return { changed: done };
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
