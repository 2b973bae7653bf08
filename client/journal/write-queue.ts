import type { PublisherSettings } from '../publisher-options';
import { frameBytes } from './frames';
import type { Place } from './segment';

/** Of texts that wait for the disk. One alone always has room. */
export type WriteLimits = Pick<PublisherSettings, 'deadlineMs' | 'maxWaitingBytes'>;

export interface Unwritten {
  readonly text: Buffer;
  /** False: no publish waits for it, and it keeps no file. */
  readonly isEntry: boolean;
}

interface Waiting extends Unwritten {
  /** Also called when its publish has failed already: it was late. */
  readonly accept: (place: Place) => void;
  readonly fail: (reason: unknown) => void;
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

/** Events that come while others are brought to the disk go there with the next: one fsync for all of them. */
export class WriteQueue {
  readonly #limits: WriteLimits;
  readonly #write: (batch: readonly Unwritten[]) => Promise<readonly Place[]>;
  #waiting = new Set<Waiting>();
  #writing: Promise<void> | undefined;
  /** Of events that are not on the disk yet. */
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
   * @throws the error of `write`
   */
  async add(one: Unwritten, acceptLate: (place: Place) => void): Promise<Place> {
    const { deadlineMs, maxWaitingBytes } = this.#limits;
    const bytes = frameBytes(one.text);
    if (this.bytes > 0 && this.bytes + bytes > maxWaitingBytes) {
      throw new DiskTooSlow(`${this.bytes} bytes wait for it already`, false);
    }
    this.bytes += bytes;
    let timer: NodeJS.Timeout | undefined;
    const written = new Promise<Place>((resolve, reject) => {
      let isLate = false;
      const accept = (place: Place): void => (isLate ? acceptLate(place) : resolve(place));
      const waiting = { ...one, accept, fail: reject };
      timer = setTimeout(() => {
        const isBeingWritten = !this.#waiting.delete(waiting);
        if (!isBeingWritten) this.bytes -= bytes;
        isLate = true;
        reject(new DiskTooSlow(`nothing was written for ${deadlineMs} ms`, isBeingWritten));
      }, deadlineMs);
      timer.unref(); // a write under way keeps the process
      this.#waiting.add(waiting);
      this.#writing ??= this.#writeAll();
    });
    return await written.finally(() => clearTimeout(timer));
  }

  /** Resolves when nothing waits. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await new Promise(setImmediate); // texts of one turn of the event loop go together
    while (this.#waiting.size > 0) {
      const batch = this.#takeBatch();
      try {
        const places = await this.#write(batch);
        batch.forEach(({ accept }, n) => accept(places[n] as Place)); // one for each
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
      for (const { text } of batch) this.bytes -= frameBytes(text);
    }
    this.#writing = undefined;
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const one of this.#waiting) {
      bytes += frameBytes(one.text);
      if (batch.length > 0 && bytes > LARGEST_BATCH) break;
      batch.push(one);
      this.#waiting.delete(one);
    }
    return batch;
  }
}
