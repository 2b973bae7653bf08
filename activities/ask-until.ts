import { setTimeout as delay } from 'node:timers/promises';
import { classifyFailure } from './failures';

const PAUSE_MS = 500;

/**
 * Asks our database until it answers, or until `end` (of `performance.now()`) while it does not or is being stopped. For what
 * has happened outside: if that is not written, it happens again. Asking more than once must do the same as asking once.
 */
export async function askUntil<T>(end: number, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!classifyFailure(error).ours || performance.now() + PAUSE_MS > end) throw error;
      await delay(PAUSE_MS);
    }
  }
}
