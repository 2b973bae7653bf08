import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { readInstallation } from '../db/installation';
import type { Tx } from '../db/tx';

const AGAIN_MS = 1_000;

/** `id` is undefined in a database that was made before there were any. */
export interface Installation {
  readonly id: string | undefined;
}

/**
 * Asks the database for the installation's id, every second until it answers.
 *
 * @returns undefined when `signal` was aborted before it did
 */
export async function learnInstallation(
  database: Tx,
  log: Logger,
  signal: AbortSignal,
): Promise<Installation | undefined> {
  for (let hasWarned = false; !signal.aborted; hasWarned = true) {
    try {
      return { id: await readInstallation(database) };
    } catch (error) {
      // Not migrated, or it does not answer.
      if (!hasWarned)
        log.warn({ reason: String(error) }, 'no cluster is served before the database has told its installation');
    }
    await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
