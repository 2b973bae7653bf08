/** How long a failure counts, in milliseconds: after that the next request may try again. */
const COUNTS_FOR_MS = 10_000;

/** Whether the journal takes events, as the last one has found it. */
export class Readiness {
  #failedAt = -Infinity;
  #problem = '';

  accepted(): void {
    this.#failedAt = -Infinity;
  }

  failed(problem: string): void {
    this.#failedAt = performance.now();
    this.#problem = problem;
  }

  /** Why it does not; undefined while it does. */
  get problem(): string | undefined {
    return performance.now() - this.#failedAt < COUNTS_FOR_MS ? this.#problem : undefined;
  }
}
