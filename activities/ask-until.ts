import { setTimeout as delay } from 'node:timers/promises';
import { classifyFailure } from './failures';

const PAUSE_MS = 500;

/**
 * Repeats a statement until our database answers, or until `end` (of `performance.now()`). For the outcome of a send, which would
 * be sent again if it were not written. The statement has to be idempotent.
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
