import { isDatabaseUnavailable } from './failures';

/**
 * Asks our database, and once more when it does not answer. For what has happened outside: if that is not written, it happens
 * again. Asking twice must do the same as asking once.
 */
export async function askTwice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isDatabaseUnavailable(error)) throw error;
    return await ask();
  }
}
