import type { PublisherSettings } from './publisher-options';

/** Between questions whether a workflow has begun, in milliseconds: a half of the time since its start, within these. */
const ASK_EVERY = { least: 100, most: 1_000 };
/** Workers that have not begun a workflow after so long are taken to be absent. */
const LONGEST_WATCH_MS = 10_000;
/** After an error, so long without questions. */
const PAUSE_MS = 10_000;
/** Events are held so many times the bound, at most, and such a part of the time that their publish has. */
const LONGEST_HOLD = 4;

type Bounds = Pick<PublisherSettings, 'batchAfterMs' | 'deadlineMs'>;

/**
 * Whether a cluster's workers keep up with this publisher's starts: watches one workflow at a time until a worker has begun its first
 * task, while starts follow one another closely. A cluster accepts a start within milliseconds, even when its workers are seconds behind.
 *
 * | state    | events that wait                               | becomes                                                            |
 * | -------- | ---------------------------------------------- | ------------------------------------------------------------------ |
 * | in time  | are started one by one                         | late: a watched workflow has not begun within the bound            |
 * | late     | are held until the watched workflow has begun, | in time: a watched workflow has begun within the bound; it cannot  |
 * |          | four times the bound at most; then go together | be asked. absent: one has not begun after ten seconds              |
 * | absent   | go together at once                            | late, in time: a watched workflow has begun                        |
 */
export class FirstTasks {
  readonly #boundMs: number;
  readonly #longestHoldMs: number;
  readonly #onRelease: () => void;
  #state: 'in time' | 'late' | 'absent' = 'in time';
  /** Of the last start, by `performance.now()`. */
  #startedAt = -Infinity;
  #isWatching = false;
  #watchFrom = -Infinity;
  #holdTimer: NodeJS.Timeout | undefined;
  /** Those that were held go, until none waits: one batch may not have room for all. */
  #isReleased = false;

  /** @param onRelease called when events that were held may go */
  constructor({ batchAfterMs, deadlineMs }: Bounds, onRelease: () => void) {
    this.#boundMs = batchAfterMs;
    this.#longestHoldMs = Math.min(LONGEST_HOLD * batchAfterMs, deadlineMs / LONGEST_HOLD);
    this.#onRelease = onRelease;
  }

  get areLate(): boolean {
    return this.#state !== 'in time';
  }

  /** @returns whether events wait for the watched workflow to begin: the first one that asks begins their time */
  hold(): boolean {
    if (this.#state !== 'late' || !this.#isWatching || this.#isReleased) return false;
    this.#holdTimer ??= setTimeout(() => this.#release(), this.#longestHoldMs).unref();
    return true;
  }

  /** No event waits. */
  drained(): void {
    this.#isReleased = false;
  }

  /** A start begins. @returns whether its workflow is to be watched: starts follow one another closely */
  noteStart(): boolean {
    const now = performance.now();
    const isClose = now - this.#startedAt < this.#boundMs;
    this.#startedAt = now;
    return isClose || this.areLate;
  }

  /** Watches the workflow of a start that has ended, unless another one is being watched. */
  watch(hasBegun: () => Promise<boolean>): void {
    const startedAt = performance.now();
    if (this.#isWatching || startedAt < this.#watchFrom) return;
    this.#isWatching = true;
    let isFirst = true;
    const ask = async (): Promise<void> => {
      const afterMs = performance.now() - startedAt;
      const answer = await hasBegun().catch(() => undefined);
      if (answer === undefined) {
        this.#state = 'in time'; // the time of starts decides alone
        this.#watchFrom = performance.now() + PAUSE_MS;
      } else if (answer) this.#state = isFirst || afterMs <= this.#boundMs ? 'in time' : 'late';
      else if (afterMs >= LONGEST_WATCH_MS) this.#state = 'absent';
      else {
        if (this.#state === 'in time') this.#state = 'late';
        isFirst = false;
        return askIn(Math.min(Math.max(afterMs / 2, ASK_EVERY.least), ASK_EVERY.most));
      }
      this.#isWatching = false;
      this.#release();
    };
    const askIn = (ms: number): void => void setTimeout(() => void ask(), ms).unref();
    askIn(this.areLate ? ASK_EVERY.least : this.#boundMs);
  }

  #release(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = undefined;
    this.#isReleased = true;
    this.#onRelease();
  }
}
