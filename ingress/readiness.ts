import type { ProblemType } from './problem';

/** How long a failure counts, in milliseconds: after that the next request may try again. */
const COUNTS_FOR_MS = 10_000;

/** Whether the journal takes events, as the last one has found it. */
export class Readiness {
  #failedAt = -Infinity;
  #failure: ProblemType | undefined;

  accepted(): void {
    this.#failedAt = -Infinity;
  }

  failed(failure: ProblemType): void {
    this.#failedAt = performance.now();
    this.#failure = failure;
  }

  /** Why it does not; undefined while it does. */
  get failure(): ProblemType | undefined {
    return performance.now() - this.#failedAt < COUNTS_FOR_MS ? this.#failure : undefined;
  }
}
