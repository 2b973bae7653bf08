import { setTimeout as delay } from 'node:timers/promises';
import { readInstallation } from '../db/installation';
import type { Tx } from '../db/tx';

const AGAIN_MS = 3_000;

export interface LearnedInstallation {
  /** The id; undefined: not known yet. */
  readonly id: () => string | undefined;
  /** Resolves after the first question, with an answer or without. */
  readonly asked: Promise<void>;
  /** Resolves when it is known, or `signal` is aborted. */
  readonly done: Promise<void>;
}

/** Asks the database for the installation's id, every few seconds until it answers. */
export function learnInstallation(database: Tx, signal: AbortSignal): LearnedInstallation {
  let id: string | undefined;
  const ask = (): Promise<boolean> =>
    readInstallation(database).then(
      (found) => {
        id = found;
        return true;
      },
      () => false, // it does not answer, or is not migrated: the gate and `ops doctor` say so
    );
  const first = ask();
  const untilKnown = async (): Promise<void> => {
    for (let known = await first; !known && !signal.aborted; known = await ask())
      await delay(AGAIN_MS, undefined, { signal }).catch(() => {});
  };
  return { id: () => id, asked: first.then(() => {}), done: untilKnown() };
}
