import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { JournalFull, JournalLocked, JournalUnavailable, type EventIds } from '../errors';
import { PUBLISHER_DEFAULTS, type JournalOptions } from '../publisher-options';
import { frameBytes } from './frames';
import { JournalLock } from './journal-lock';
import { isDiskFull, KeptSegments } from './kept-segments';
import { makeFolder } from './make-folder';
import { Segment, type Place } from './segment';
import { warn } from './warn';
import { DiskTooSlow, WriteQueue, type Unwritten, type WriteLimits } from './write-queue';

const NAME = /^(\d{10})\.journal$/;
/** A file ends when it is so large: small enough to read at once, and to be removed soon. */
const LARGEST_SEGMENT = 8 * 1024 * 1024;

/**
 * Texts on this machine's disk, until they are released. Texts that were written and not released are found again, however the
 * process ended.
 *
 * | a file is | becomes                                                                                                |
 * | --------- | ------------------------------------------------------------------------------------------------------ |
 * | active    | ended: it is large enough, a write to it failed, or the process ended                                  |
 * | ended     | released: none of its entries is needed any more                                                       |
 * | released  | kept for a replay as `*.released`; `*.damaged` where it has bytes that are no entry; gone if it is empty |
 */
export class Journal {
  readonly #dir: string;
  readonly #maxBytes: number;
  readonly #keepHours: number;
  readonly #lock: JournalLock;
  /** Rejects when it is closed before. */
  readonly #opened: Promise<void>;
  #earlier: readonly Segment[] = [];
  readonly #segments = new Set<Segment>();
  /** Undefined until the folder is this one's own. */
  #kept: KeptSegments | undefined;
  /** Leaving. */
  readonly #removals = new Set<Promise<void>>();
  #lastNumber = 0;
  #active: Segment | undefined;
  readonly #queue: WriteQueue;
  /** Of all files with entries that are needed. */
  #fileBytes = 0;

  /**
   * Makes the folder, and makes it this publisher's own, as soon as another one has given it up.
   *
   * @throws JournalLocked where another one surely uses it
   * @throws the file system's error where this user cannot make or write files there
   */
  constructor({ dir, maxBytes, keepHours }: JournalOptions, limits: WriteLimits = PUBLISHER_DEFAULTS) {
    this.#dir = dir;
    this.#maxBytes = maxBytes;
    this.#keepHours = keepHours;
    this.#queue = new WriteQueue(limits, (batch) => this.#writeInRoom(batch));
    makeFolder(resolve(dir));
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    this.#lock = new JournalLock(dir);
    if (this.#lock.isHeld) this.#open();
    this.#opened = this.#lock.taken.then(() => this.isOpen || this.#open()).then(() => {});
    this.#opened.catch((error: Error) => {
      if (!(error instanceof JournalLocked)) warn(`The journal in ${dir} cannot be read: ${error.message}`);
    });
  }

  /** Reads the files of the folder, which is this one's own from now on. */
  #open(): void {
    const dir = this.#dir;
    try {
      const all = readdirSync(dir);
      const names = all.filter((name) => NAME.test(name));
      this.#earlier = names.toSorted().map((name) => new Segment(join(dir, name), statSync(join(dir, name)).size));
      for (const segment of this.#earlier) {
        segment.isBusy = true;
        this.#segments.add(segment);
        this.#fileBytes += segment.size;
      }
      this.#lastNumber = Math.max(0, ...all.map((name) => Number(/^\d{10}/.exec(name)?.[0] ?? 0)));
      this.#kept = new KeptSegments(dir, this.#keepHours * 3_600_000, () => this.#lock.isHeld);
    } catch (error) {
      void this.#lock.close();
      throw error;
    }
  }

  /** The folder is, or was, this one's own. Until then appended events wait. */
  get isOpen(): boolean {
    return this.#kept !== undefined;
  }

  get isHeld(): boolean {
    return this.isOpen && this.#lock.isHeld;
  }

  /** Of all files with entries that are needed, and of events that wait. */
  get bytes(): number {
    return this.#fileBytes + this.#queue.bytes;
  }

  /** Of events that are not on the disk yet. */
  get waitingBytes(): number {
    return this.#queue.bytes;
  }

  /** Of files whose entries are all released. */
  get keptBytes(): number {
    return this.#kept?.bytes ?? 0;
  }

  /**
   * Calls `each` with the records that earlier processes have left, oldest first; it says whether one is an entry. A file that cannot be
   * read stays, for the next time.
   */
  async recover(each: (text: Buffer, place: Place) => boolean): Promise<void> {
    await this.#opened.catch(() => {});
    if (!this.isOpen) return; // closed before
    for (const segment of this.#earlier) {
      try {
        for (const { offset, bytes } of await segment.readThrough(each)) {
          warn(
            `${segment.file} is damaged: ${bytes} bytes from byte ${offset} on are no entry; the others are read. Once those are ` +
              'recorded, the file is kept as "*.damaged". At the end of a file, after a loss of power, these bytes are events without a receipt.',
          );
        }
        segment.isBusy = false;
        this.#removeIfDone(segment);
      } catch (error) {
        warn(`${segment.file} cannot be read and stays as it is: ${(error as Error).message}`);
      }
    }
  }

  /**
   * When it resolves, the text is on the disk.
   *
   * @param acceptLate called when it is there although this has rejected: its deadline was over
   * @throws JournalFull, JournalUnavailable
   */
  append(text: Buffer, ids: EventIds, acceptLate: (place: Place) => void = () => {}): Promise<Place> {
    const bytes = frameBytes(text);
    if (this.bytes + bytes > this.#maxBytes) return Promise.reject(new JournalFull(this.#dir, this.#maxBytes, ids));
    return this.#queue.add({ text, isEntry: true }, acceptLate).catch((error: unknown) => {
      const isNotOurs = error instanceof DiskTooSlow && !this.#lock.isHeld;
      const mayBeWritten = error instanceof DiskTooSlow ? error.mayBeWritten : error instanceof JournalLocked;
      throw new JournalUnavailable(this.#dir, ids, isNotOurs ? this.#lock.error : error, mayBeWritten);
    });
  }

  /** Writes something about entries beside them, with the next entries, if there is room; otherwise it is left out. */
  remark(text: Buffer): void {
    if (this.#active === undefined || this.bytes + frameBytes(text) > this.#maxBytes) return;
    this.#queue.add({ text, isEntry: false }, () => {}).catch(() => {}); // the entries are there without it
  }

  /** The texts of entries, in their order. */
  async read(places: readonly Place[]): Promise<Buffer[]> {
    const texts = new Map<Place, Buffer>();
    await Promise.all(
      [...new Set(places.map(({ segment }) => segment))].map(async (segment) => {
        const here = places.filter((place) => place.segment === segment);
        (await segment.read(here)).forEach((text, n) => texts.set(here[n] as Place, text)); // one for each
      }),
    );
    return places.map((place) => texts.get(place) as Buffer); // each is of one of the segments
  }

  /** The entry is not needed any more. */
  release({ segment }: Place): void {
    segment.live -= 1;
    this.#removeIfDone(segment);
  }

  /** Writes the events at hand, then gives the folder up. */
  async close(): Promise<void> {
    if (!this.isOpen) await this.#lock.close();
    await this.#queue.close();
    await Promise.all(this.#removals);
    await Promise.all([...this.#segments].map((segment) => segment.close()));
    await this.#kept?.close();
    await this.#lock.close();
  }

  /** A full disk may have room when the files that are only kept are gone. */
  async #writeInRoom(batch: readonly Unwritten[]): Promise<Place[]> {
    await this.#opened;
    if (!this.#lock.isHeld) throw this.#lock.error;
    while (this.bytes + this.keptBytes > this.#maxBytes && (await this.#kept?.deleteEarliest()));
    for (;;) {
      try {
        const places = await this.#write(batch);
        await this.#lock.verify(); // the next publisher reads the folder after this, and finds them
        return places;
      } catch (error) {
        if (!isDiskFull(error) || !(await this.#kept?.deleteEarliest())) throw error;
      }
    }
  }

  async #write(batch: readonly Unwritten[]): Promise<Place[]> {
    const segment = this.#active ?? this.#nextSegment();
    segment.isBusy = true;
    try {
      if (segment !== this.#active) await segment.create();
      this.#active = segment;
      const { size } = segment;
      const places = await segment.append(batch.map(({ text }) => text));
      this.#fileBytes += segment.size - size;
      segment.live += batch.filter(({ isEntry }) => isEntry).length;
      if (segment.size >= Math.min(LARGEST_SEGMENT, this.#maxBytes / 8)) this.#active = undefined;
      return places;
    } catch (error) {
      this.#active = undefined; // after an error it is not known which part of a file is on the disk: it is not written again
      throw error;
    } finally {
      segment.isBusy = false;
      this.#removeIfDone(segment);
    }
  }

  #nextSegment(): Segment {
    this.#lastNumber += 1;
    const segment = new Segment(join(this.#dir, `${String(this.#lastNumber).padStart(10, '0')}.journal`));
    this.#segments.add(segment);
    return segment;
  }

  #removeIfDone(segment: Segment): void {
    if (segment.live > 0 || segment.isBusy) return;
    if (segment === this.#active) this.#active = undefined;
    this.#segments.delete(segment);
    const removal = this.#remove(segment).catch((error: Error) => {
      if (error instanceof JournalLocked) return; // another publisher may need it, and has said so
      warn(`${segment.file} is not needed any more and cannot be renamed: ${error.message}`);
    });
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  async #remove(segment: Segment): Promise<void> {
    try {
      await this.#lock.verify();
    } catch (error) {
      await segment.close();
      throw error;
    }
    if (this.#kept !== undefined) await segment.leave(this.#kept);
    this.#fileBytes -= segment.size;
  }
}
