/** So many keys take about 10 MB. */
const MOST = 50_000;

/** The keys that were added last. */
export class RecentKeys {
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > MOST && oldest !== undefined) this.#keys.delete(oldest);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }
}
