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

/** What to do with which parked deliveries; all that is given must hold. */
export interface ResumeInput {
  readonly action: 'redrive' | 'discard';
  readonly site?: string;
  /** Event type. */
  readonly type?: string;
  /** Data queue, with or without #n. */
  readonly queue?: string;
  /** Failure type. Without it: all but `Rejected`, which the destination would refuse again. */
  readonly failure?: string;
  /** Only what was parked before this time, ISO. Default: the start of the workflow. */
  readonly before?: string;
  /** Deliveries per second, at most 1,000. */
  readonly rate: number;
  /** Only counts. */
  readonly dryRun?: boolean;
  /** The subscription (of `queue`, for this site or "*") that becomes active when all is done. */
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
 * Bulk work on what is parked: oldest event first, at a rate. What is parked again after it began is left alone. Can be
 * started from the Web UI or by `ops`.
 */
export async function resumeDeliveries(input: ResumeInput): Promise<Resumed> {
  const problem = findProblem(input);
  if (problem !== undefined) throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
  const { action, site, type, queue, failure, rate, resumes } = input;
  const before = input.before ?? workflowInfo().startTime.toISOString();
  const selection = { siteId: site, eventType: type, queue, failure, before };
  if (input.dryRun) return { changed: 0, wouldChange: await countParked(selection) };

  // Several per second go together; less than one per second go one by one.
  const limit = Math.min(100, Math.max(1, Math.floor(rate)));
  let done = input.done ?? 0;
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

/** Whoever starts it from the Web UI has nobody else who says what is wrong. */
function findProblem(input: ResumeInput): string | undefined {
  const { action, rate, before, dryRun, resumes, queue } = (input ?? {}) as Partial<ResumeInput>;
  if (action !== 'redrive' && action !== 'discard') return 'action: expected "redrive" or "discard".';
  if (!dryRun && !(typeof rate === 'number' && rate > 0 && rate <= 1000)) {
    return 'rate: expected deliveries per second, more than 0 and at most 1000.';
  }
  if (before !== undefined && Number.isNaN(Date.parse(before))) return 'before: expected an ISO time.';
  if (resumes !== undefined && queue === undefined) return 'resumes: needs a queue.';
  for (const name of ['site', 'type', 'queue', 'failure'] as const) {
    const value: unknown = input[name];
    if (value !== undefined && typeof value !== 'string') return `${name}: expected a string.`;
  }
  return undefined;
}
