import { setTimeout as delay } from 'node:timers/promises';
import { readInstallation } from '../db/installation';
import type { Tx } from '../db/tx';

const AGAIN_MS = 1_000;

/** `id` is undefined in a database that was made before there were any. */
export interface Installation {
  readonly id: string | undefined;
}

export interface LearnedInstallation {
  /** The database's answer; undefined: none yet. */
  readonly answer: () => Installation | undefined;
  /** Resolves when it is known, or `signal` is aborted. */
  readonly done: Promise<void>;
}

/** Asks the database for the installation's id, every second until it answers. */
export function learnInstallation(database: Tx, signal: AbortSignal): LearnedInstallation {
  let answer: Installation | undefined;
  const ask = (): Promise<boolean> =>
    readInstallation(database).then(
      (found) => {
        answer = { id: found };
        return true;
      },
      () => false, // it does not answer, or is not migrated: the gate and `ops doctor` say so
    );
  const untilKnown = async (): Promise<void> => {
    for (let known = await ask(); !known && !signal.aborted; known = await ask())
      await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
  };
  return { answer: () => answer, done: untilKnown() };
}
