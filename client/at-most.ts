import { setTimeout as pause } from 'node:timers/promises';

/** Waits for work, for so many milliseconds at most; then it goes on by itself. @returns whether it has ended */
export async function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  const time = new AbortController();
  const isOver = pause(Math.max(0, ms), false, { signal: time.signal }).catch(() => false); // aborted
  try {
    return await Promise.race([work.then(() => true), isOver]);
  } finally {
    time.abort();
  }
}
