import { setTimeout as delay } from 'node:timers/promises';
import { classifyFailure } from './failures';

/** A server that is restarted, or fails over, is often back by then. */
const PAUSE_MS = 1_000;

/**
 * Asks our database, and once more when it does not answer or is being stopped. For what has happened outside: if that is not
 * written, it happens again. Asking twice must do the same as asking once.
 */
export async function askTwice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!classifyFailure(error).ours) throw error;
    await delay(PAUSE_MS);
    return await ask();
  }
}
