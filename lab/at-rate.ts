import { setTimeout as pause } from 'node:timers/promises';

/** Calls once for each at an even rate, without waiting for the calls before. @returns the results of the calls, in order */
export async function atRate<Each, T>(
  perSecond: number,
  all: Iterable<Each>,
  call: (each: Each) => Promise<T>,
): Promise<T[]> {
  const calls: Promise<T>[] = [];
  const began = performance.now();
  for (const each of all) {
    const early = began + (calls.length * 1000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    calls.push(call(each));
  }
  return await Promise.all(calls);
}
