import type { PublisherSettings } from './publisher-options';

/** Between questions whether a workflow has begun, in milliseconds. */
const ASK_EVERY_MS = 100;
/** A workflow that has not begun after so long says no more than that workers are behind, or that there are none. */
const LONGEST_WATCH_MS = 10_000;
/** Events are held so many times the bound, at most, and such a part of the time that their publish has. */
const LONGEST_HOLD = 4;

type Bounds = Pick<PublisherSettings, 'batchAfterMs' | 'deadlineMs'>;

/**
 * Whether a cluster's workers keep up with this publisher's starts: watches one workflow at a time until it has completed its first
 * task, while starts follow one another closely. A cluster accepts a start within milliseconds, even when its workers are seconds behind.
 *
 * | state    | events that wait       | becomes                                                                            |
 * | -------- | ---------------------- | ---------------------------------------------------------------------------------- |
 * | in time  | are started one by one | late: a watched workflow has not begun within the bound                            |
 * | late     | go together, as soon   | in time: a watched workflow has begun within the bound                             |
 * |          | as the watched one has |                                                                                    |
 * |          | begun, or in four      |                                                                                    |
 * |          | times the bound        |                                                                                    |
 */
export class FirstTasks {
  areLate = false;
  readonly #boundMs: number;
  readonly #longestHoldMs: number;
  readonly #onChange: () => void;
  /** Of the last start, by `performance.now()`. */
  #startedAt = -Infinity;
  #isWatching = false;
  #holdTimer: NodeJS.Timeout | undefined;

  /** @param onChange called when events that were held may go */
  constructor({ batchAfterMs, deadlineMs }: Bounds, onChange: () => void) {
    this.#boundMs = batchAfterMs;
    this.#longestHoldMs = Math.min(LONGEST_HOLD * batchAfterMs, deadlineMs / LONGEST_HOLD);
    this.#onChange = onChange;
  }

  /** They wait for the watched workflow to begin. */
  get isHolding(): boolean {
    return this.areLate && this.#isWatching && performance.now() - this.#startedAt < this.#longestHoldMs;
  }

  /** A start begins. @returns whether its workflow is to be watched: starts follow one another closely */
  noteStart(): boolean {
    const now = performance.now();
    const isClose = now - this.#startedAt < this.#boundMs;
    this.#startedAt = now;
    clearTimeout(this.#holdTimer);
    if (this.areLate) this.#holdTimer = setTimeout(this.#onChange, this.#longestHoldMs).unref();
    return isClose || this.areLate;
  }

  /** Watches the workflow of a start that has ended, unless another one is being watched. */
  watch(hasBegun: () => Promise<boolean>): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const startedAt = performance.now();
    let hasAsked = false;
    const ask = async (): Promise<void> => {
      const askedAfterMs = performance.now() - startedAt;
      const isOver = await hasBegun().catch(() => true); // it may not be asked: then the starts alone decide
      const wasLate = this.areLate;
      this.areLate = !isOver || (hasAsked && askedAfterMs > this.#boundMs);
      hasAsked = true;
      if (this.areLate && !wasLate) this.#holdTimer = setTimeout(this.#onChange, this.#longestHoldMs).unref();
      if (!isOver && askedAfterMs < LONGEST_WATCH_MS) return askIn(ASK_EVERY_MS);
      this.#isWatching = false;
      this.#onChange();
    };
    const askIn = (ms: number): void => void setTimeout(() => void ask(), ms).unref();
    askIn(this.areLate ? ASK_EVERY_MS : this.#boundMs);
  }
}
