/** So many keys take about 10 MB. */
const MOST = 50_000;

/** The keys that were added last, each with the hash of its event's content. */
export class RecentKeys {
  readonly #hashes = new Map<string, string>();

  add(key: string, hash: string): void {
    this.#hashes.set(key, hash);
    const [oldest] = this.#hashes.keys();
    if (this.#hashes.size > MOST && oldest !== undefined) this.#hashes.delete(oldest);
  }

  /** Undefined: it was not added, or is forgotten. */
  hashOf(key: string): string | undefined {
    return this.#hashes.get(key);
  }
}
