/** The last `most` things that were used, by their keys; the one that was not used for longest makes room for another. */
export function createRecent<T>(most: number) {
  const kept = new Map<string, T>();
  return {
    /** What is kept under the key, made where there is nothing. */
    of(key: string, make: () => T): T {
      const value = kept.get(key) ?? make();
      kept.delete(key); // and put it last: the first is the one that was not used for longest
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return value;
    },
  };
}
