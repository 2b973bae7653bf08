import { log } from '@temporalio/activity';

/** The store of large events, as this step needs it. */
interface Files {
  removeOld(options: {
    readonly olderThanMs: number;
    readonly until: number;
    readonly isNeeded: (workflowId: string) => Promise<boolean>;
  }): Promise<{ readonly removed: number; readonly done: boolean }>;
}

/**
 * Removes files that no history needs any more, if it is due; a failure is logged, and a later round tries again.
 *
 * @param isNeeded true while a run of this workflow id may need its input
 * @param end of `performance.now()`: it begins nothing afterwards
 */
export type RemoveOldFiles = (isNeeded: (workflowId: string) => Promise<boolean>, end: number) => Promise<void>;

const HOUR_MS = 3_600_000;

/** Temporal shows closed runs until retention ends, and a file is stored a little before its run starts. */
const MARGIN_HOURS = 24;

/** The next sweep continues a round that takes longer, so that sweeps stay short. */
const ROUND_MS = 10_000;

/** A step of the sweep that is due once an hour, or at the next sweep while there is more to do. */
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
      if (removed > 0) log.info('Files of large events that no history needs any more are removed.', { removed });
    } catch (error) {
      log.warn('Old files of large events could not be removed.', { reason: (error as Error).message });
    }
  };
}
