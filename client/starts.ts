export interface StartsOptions<T> {
  /** Starts under way at once, at most. */
  readonly maxInFlight: number;
  /** What goes together next; an empty list = nothing waits. */
  readonly nextBatch: () => readonly T[];
  /** Never rejects. @returns whether the cluster was slow: it asked to be left alone, or took longer than it should */
  readonly start: (load: readonly T[]) => Promise<{ readonly slow: boolean }>;
}

/**
 * Starts what waits, so much at once: what is waiting when an earlier start returns goes together. While the cluster is slow,
 * fewer starts are under way, at least one; each that is quick lets them grow again.
 */
export class Starts<T> {
  readonly #options: StartsOptions<T>;
  #limit: number;
  #underWay = 0;
  #isCalled = false;

  constructor(options: StartsOptions<T>) {
    this.#options = options;
    this.#limit = options.maxInFlight;
  }

  /** Somebody has come to wait. Who comes in the same turn of the event loop goes together. */
  call(): void {
    if (this.#isCalled) return;
    this.#isCalled = true;
    setImmediate(() => {
      this.#isCalled = false;
      this.#go();
    });
  }

  #go(): void {
    while (this.#underWay < Math.floor(this.#limit)) {
      const load = this.#options.nextBatch();
      if (load.length === 0) return;
      this.#underWay += 1;
      void this.#options.start(load).then(({ slow }) => {
        this.#underWay -= 1;
        this.#limit = slow
          ? Math.max(1, this.#limit / 2)
          : Math.min(this.#options.maxInFlight, this.#limit + 1 / this.#limit);
        this.#go();
      });
    }
  }
}
