/**
 * Runs so many pieces of work at once; the others wait, and begin in the order in which they came.
 *
 * @returns a function that runs one piece of work, and resolves or rejects as it does
 */
export function inTurns(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((begin) => waiting.push(begin));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next(); // it has this one's place
    }
  };
}
