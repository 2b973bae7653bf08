import { log } from '@temporalio/activity';

/** What the step needs of the place where large events are. */
interface Files {
  removeOld(options: {
    readonly olderThanMs: number;
    readonly until: number;
    readonly isNeeded: (workflowId: string) => Promise<boolean>;
  }): Promise<{ readonly removed: number; readonly done: boolean }>;
}

/**
 * Removes files that no history needs any more, if it is time to; what fails is logged and left to a later round.
 *
 * @param isNeeded true while a run of this workflow id may need its input
 * @param end point in time by `performance.now()` at which it has to be through
 */
export type RemoveOldFiles = (isNeeded: (workflowId: string) => Promise<boolean>, end: number) => Promise<void>;

const HOUR_MS = 3_600_000;

/** Closed runs can be looked at for as long as Temporal keeps them; what is stored then came a little before the start. */
const MARGIN_HOURS = 24;

/** A round that finds more to do goes on with the next sweep, so that sweeps stay short. */
const ROUND_MS = 10_000;

/** A step of the sweep that does something once an hour, or at once again while there is more to do. */
export function createRemoveOldFiles(files: Files, retentionHours: number): RemoveOldFiles {
  const olderThanMs = (retentionHours + MARGIN_HOURS) * HOUR_MS;
  let due = 0;
  return async (isNeeded, end) => {
    const now = performance.now();
    if (now < due) return;
    due = now + HOUR_MS;
    try {
      const { removed, done } = await files.removeOld({ olderThanMs, isNeeded, until: Math.min(end, now + ROUND_MS) });
      if (!done) due = 0;
      if (removed > 0) log.info('Files of large events that are not needed any more are removed.', { removed });
    } catch (error) {
      log.warn('Old files of large events could not be removed.', { reason: (error as Error).message });
    }
  };
}
