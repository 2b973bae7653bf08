const AT_ONCE = 8;

/**
 * Does `work` for each item, a few at once, until `end` (of `performance.now()`); an item that fails does not stop the others.
 *
 * @returns the items that were not done
 */
export async function eachOf<T>(items: Iterable<T>, end: number, work: (item: T) => Promise<void>): Promise<T[]> {
  const undone: T[] = [];
  const rest = items[Symbol.iterator](); // shared by the workers below
  const worker = async () => {
    for (let next = rest.next(); next.done !== true; next = rest.next()) {
      const { value } = next;
      if (performance.now() > end) undone.push(value);
      else await work(value).catch(() => undone.push(value));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return undone;
}
