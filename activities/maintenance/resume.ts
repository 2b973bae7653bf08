import { ApplicationFailure } from '@temporalio/activity';
import type { Database } from '../../db/database';
import type { LeftOut, ParkedCount, ParkedSelection, Place } from '../../db/resume-deliveries';
import { catalogue } from '../../events/catalogue';
import { readSiteId, SITE_ID_EXPECTED } from '../../events/kinds/read-site-id';
import { failureTypes } from '../failures';
import { eachOf } from './each-of';
import type { Runs } from './runs';
import { tellRuns } from './tell-runs';

export type { LeftOut, ParkedCount, Place };

export interface ResumeBatchInput extends ParkedSelection {
  readonly action: 'redrive' | 'discard';
  readonly limit: number;
}

export interface ResumeDeps {
  readonly db: Database;
  readonly runs: Runs;
}

/** Below the activity's startToClose, so that its result is known. */
const BATCH_MS = 20_000;

/**
 * The next deliveries of a bulk redrive or discard, oldest first: changes their rows, then tells the runs of their events. A
 * run that could not be told is found by the sweep.
 *
 * @returns how many; 0 = there are no more
 */
export async function resumeBatch(
  { action, limit, ...selection }: ResumeBatchInput,
  deps: ResumeDeps,
): Promise<number> {
  refuseUnknown(selection);
  const { db, runs } = deps;
  const placement = { here: runs.here, usable: runs.usable() };
  const { changed, events, abandoned } =
    action === 'redrive'
      ? {
          abandoned: [],
          ...(await db.resumeDeliveries(selection, placement, limit)),
        }
      : { events: [], ...(await db.discardParked(selection, limit)) };
  if (changed === 0 && (await db.countParked(selection, action)).length > 0) {
    throw new Error('Other transactions lock the next deliveries at this moment; it is tried again.'); // 0 would mean the end
  }
  const end = performance.now() + BATCH_MS;
  await eachOf(events, end, (event) => runs.continueEvent(event));
  await tellRuns(abandoned, end, deps);
  return changed;
}

export interface WakeInput extends Omit<ParkedSelection, 'before'> {
  readonly limit: number;
  /** Where the batch before ended. */
  readonly after?: Place | undefined;
  /** Only deliveries that were recorded before this time, ISO. */
  readonly until: string;
}

/**
 * The next deliveries that wait for their next try, oldest first: they are due now, and their runs are told. @returns how many, and
 * where it ended; undefined: there are no more
 */
export async function wakeBatch(
  { limit, after, until, ...selection }: WakeInput,
  { db, runs }: ResumeDeps,
): Promise<{ changed: number; last?: Place | undefined }> {
  refuseUnknown(selection);
  const { changed, last, events } = await db.wakeWaiting(selection, runs.usable(), { after, until }, limit);
  await eachOf(events, performance.now() + BATCH_MS, (event) => runs.continueEvent(event));
  return { changed, last };
}

/** How many wakeBatch would take, by data queue and last failure. */
export async function countWaiting(
  selection: Omit<ParkedSelection, 'before'>,
  { db }: ResumeDeps,
): Promise<ParkedCount[]> {
  refuseUnknown(selection);
  return await db.countWaiting(selection);
}

export interface CountInput extends ParkedSelection {
  readonly action: 'redrive' | 'discard';
}

/** How many a bulk redrive or discard would take, by data queue and failure. */
export async function countParked({ action, ...selection }: CountInput, { db }: ResumeDeps): Promise<ParkedCount[]> {
  refuseUnknown(selection);
  return await db.countParked(selection, action);
}

/** The deliveries that they leave out, by data queue, failure and reason. */
export async function countLeftOut({ action, ...selection }: CountInput, { db }: ResumeDeps): Promise<LeftOut[]> {
  refuseUnknown(selection);
  return await db.countLeftOut(selection, action);
}

/** A value that no delivery can have would look like "there are none". */
function refuseUnknown({ siteId, eventType, failure }: Omit<ParkedSelection, 'before'>): void {
  const problems = [
    siteId !== undefined && readSiteId(siteId) !== siteId && `site: ${SITE_ID_EXPECTED}, as in 10001.`,
    isNone(eventType, catalogue) && `type: there is ${Object.keys(catalogue).join(', ')}.`,
    isNone(failure, failureTypes) && `failure: there is ${Object.keys(failureTypes).join(', ')}.`,
  ].filter((problem) => problem !== false);
  if (problems.length > 0) throw ApplicationFailure.nonRetryable(problems.join(' '), 'InvalidInput');
}

const isNone = (name: string | undefined, all: object): boolean => name !== undefined && !Object.hasOwn(all, name);

/** Ends the resuming of a subscription: it is active again. */
export async function finishResuming(
  { queue, siteId }: { readonly queue: string; readonly siteId: string },
  { db }: ResumeDeps,
): Promise<void> {
  await db.finishResuming(queue, siteId);
}
