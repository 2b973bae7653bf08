import { frameBytes } from './frames';
import type { Place } from './segment';

export interface WriteLimits {
  /** Milliseconds until a text that is not on the disk is given up. */
  readonly deadlineMs: number;
  /** Bytes that wait for the disk, at most. One text alone always has room. */
  readonly maxWaitingBytes: number;
}

export interface Unwritten {
  readonly text: Buffer;
  /** False: nobody waits for it, and it keeps no file. */
  readonly isEntry: boolean;
}

interface Waiting extends Unwritten {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly accept: (place: Place) => void;
  readonly fail: (reason: unknown) => void;
  readonly acceptLate: (place: Place) => void;
  isLate?: true;
}

/** Thrown when the disk does not take a text in time, or too many wait for it. */
export class DiskTooSlow extends Error {
  override readonly name = 'DiskTooSlow';
  /** It was being written. */
  readonly mayBeWritten: boolean;

  constructor(reason: string, mayBeWritten: boolean) {
    super(reason);
    this.mayBeWritten = mayBeWritten;
  }
}

/** Written at once, at most, unless one text is larger. */
const LARGEST_BATCH = 8 * 1024 * 1024;

/** What comes while others are brought to the disk goes there with the next: one fsync for all of them. */
export class WriteQueue {
  readonly #limits: WriteLimits;
  readonly #write: (batch: readonly Unwritten[]) => Promise<readonly Place[]>;
  #waiting: Waiting[] = [];
  /** Being written. */
  #batch: readonly Waiting[] = [];
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Of what is not on the disk yet. */
  bytes = 0;

  constructor(limits: WriteLimits, write: (batch: readonly Unwritten[]) => Promise<readonly Place[]>) {
    this.#limits = limits;
    this.#write = write;
  }

  /**
   * When it resolves, the text is on the disk.
   *
   * @param acceptLate called when it is there after this has rejected
   * @throws DiskTooSlow
   * @throws what `write` throws
   */
  add(one: Unwritten, acceptLate: (place: Place) => void): Promise<Place> {
    const { deadlineMs, maxWaitingBytes } = this.#limits;
    const bytes = frameBytes(one.text);
    if (this.bytes > 0 && this.bytes + bytes > maxWaitingBytes) {
      return Promise.reject(new DiskTooSlow(`${this.bytes} bytes wait for it already`, false));
    }
    this.bytes += bytes;
    return new Promise((accept, fail) => {
      this.#waiting.push({ ...one, deadline: performance.now() + deadlineMs, accept, fail, acceptLate });
      this.#watch();
      this.#writing ??= this.#writeAll();
    });
  }

  /** Resolves when nothing waits. */
  async close(): Promise<void> {
    await this.#writing;
    clearTimeout(this.#timer);
  }

  async #writeAll(): Promise<void> {
    await new Promise(setImmediate); // who comes in the same turn of the event loop goes together
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      this.#batch = batch;
      try {
        const places = await this.#write(batch);
        batch.forEach((one, n) => (one.isLate ? one.acceptLate : one.accept)(places[n] as Place)); // one for each
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
      this.#batch = [];
      this.#forget(batch);
    }
    this.#writing = undefined;
  }

  #takeBatch(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { text } of this.#waiting) {
      bytes += frameBytes(text);
      if (count > 0 && bytes > LARGEST_BATCH) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #forget(texts: readonly Waiting[]): void {
    for (const { text } of texts) this.bytes -= frameBytes(text);
  }

  /** One timer for all: each has as long, so the first of them is due first. */
  #watch(): void {
    const first = this.#batch.find(({ isLate }) => !isLate) ?? this.#waiting[0];
    if (first === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#giveUp();
      this.#watch();
    }, first.deadline - performance.now());
    this.#timer.unref(); // what is being written keeps the process
  }

  #giveUp(): void {
    const reason = `nothing was written for ${this.#limits.deadlineMs} ms`;
    const isOver = ({ deadline }: Waiting): boolean => deadline <= performance.now();
    for (const one of this.#batch) {
      if (one.isLate || !isOver(one)) continue;
      one.isLate = true;
      one.fail(new DiskTooSlow(reason, true));
    }
    const firstLeft = this.#waiting.findIndex((one) => !isOver(one));
    const gone = this.#waiting.splice(0, firstLeft === -1 ? this.#waiting.length : firstLeft);
    this.#forget(gone);
    for (const { fail } of gone) fail(new DiskTooSlow(reason, false));
  }
}
