/** Keeps the `most` values that were used last, by key. */
export function createRecent<T>(most: number) {
  const kept = new Map<string, T>();
  return {
    /** The value of the key, made where there is none. */
    of(key: string, make: () => T): T {
      const value = kept.get(key) ?? make();
      kept.delete(key); // and put it last: the first is the one that was used longest ago
      kept.set(key, value);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return value;
    },
  };
}
