import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, rmSync, statSync, write } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { JournalLocked } from '../errors';
import { deleteEarliestSync, isDiskFull } from './kept-segments';
import { createLock, deleteBeside, readLock, restoreLock, unnameLock } from './lock-file';
import { heldHere, holderHere, isRunning, readHolder, type Holder } from './lock-holder';
import { warn } from './warn';

/** Milliseconds. All by this process's monotonic clock: neither the other's nor that of the file system is trusted. */
const TIMES = {
  /** Between renewals, and between looks of a process that waits. */
  every: 1_000,
  /** Its holder accepts nothing when it could not renew it for so long. */
  renewedWithin: 5_000,
  /** Taken over when its file stood still for so long: twice as long, so that its holder has long stopped. */
  still: 10_000,
} as const;

/**
 * Makes a folder one publisher's own, among threads, processes and containers, by a file that counts on while its holder lives.
 *
 * | state   | its holder                        | becomes                                                                        |
 * | ------- | --------------------------------- | ------------------------------------------------------------------------------ |
 * | waiting | another one, or one that has died | held: that one gave it up, is surely dead, or its file stood still; closed      |
 * | held    | this one                          | lost: another has its name, or its file is gone for 5 s; closed                   |
 * | lost    | another one, or none              | closed                                                                         |
 */
export class JournalLock {
  readonly #dir: string;
  readonly #file: string;
  readonly #own: Holder = holderHere(randomUUID());
  #state: 'waiting' | 'held' | 'lost' | 'closed' = 'waiting';
  #timer: NodeJS.Timeout | undefined;
  /** Its content, and since when it is known to have stood still. */
  #seen: { readonly content: string; readonly at: number } | undefined;
  #opened = -1;
  /** Of the open file, which no other has while it is open. */
  #inode = '';
  #count = 0;
  /** When the last renewal that succeeded began. */
  #renewedAt = -Infinity;
  #renewing: Promise<void> | undefined;
  #settleTaken = (_error?: JournalLocked): void => {};
  /** Resolves when the folder is this one's own; rejects with JournalLocked when it is closed before. */
  readonly taken = new Promise<void>((resolve, reject) => {
    this.#settleTaken = (error) => (error === undefined ? resolve() : reject(error));
  });

  /**
   * Takes the lock if it can be had at once, else waits for it.
   *
   * @throws JournalLocked when a process of this machine, or this thread, surely uses it
   * @throws the file system's error
   */
  constructor(dir: string) {
    this.#dir = dir;
    this.#file = join(dir, 'lock');
    this.taken.catch(() => {}); // not every caller waits for it
    this.#try();
    if (this.#state === 'held') return;
    const holder = readHolder(this.#seen?.content ?? '');
    if (holder !== undefined && isRunning(holder) === true && this.#isFresh(holder)) throw this.error;
    warn(`${this.error.message} Until then this publisher waits, and accepts nothing.`);
    this.#timer = setInterval(() => this.#tryAgain(), TIMES.every); // keeps the process: published events wait for it
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  /** Why this one may not use the folder. */
  get error(): JournalLocked {
    const content = this.#seen?.content ?? '';
    return new JournalLocked(this.#file, this.#state === 'lost', readHolder(content)?.pid);
  }

  /**
   * Resolves when no other publisher had the folder up to this moment. The next holder finds all that is on the disk by then,
   * who reads the folder later. While the disk does not take the renewal it waits.
   *
   * @throws JournalLocked
   */
  async verify(): Promise<void> {
    for (;;) {
      if (this.#state !== 'held') throw this.error;
      const isRecent = performance.now() - this.#renewedAt < TIMES.renewedWithin;
      if (isRecent && (await this.#isOurs().catch(() => false))) return;
      if (this.#state === 'held' && isRecent) await pause(TIMES.every / 10);
      else await this.#renewOnce();
    }
  }

  /** Gives it up. */
  async close(): Promise<void> {
    const wasHeld = this.isHeld;
    this.#settleTaken(this.error);
    this.#state = 'closed';
    clearInterval(this.#timer);
    heldHere.delete(this.#own.token);
    const aside = wasHeld ? unnameLock(this.#file, (path) => this.#isOurFile(path)) : undefined;
    if (aside !== undefined) rmSync(aside, { force: true });
    await this.#renewing;
    if (this.#opened !== -1) closeSync(this.#opened);
    this.#opened = -1;
  }

  /** On a full disk, files that are only kept give way, then the lock of the one before, unless another one has the folder. */
  #try(): void {
    while (this.#mayTake()) {
      try {
        this.#take();
        if (this.#state === 'held') return; // else another was faster: the next look says which
      } catch (error) {
        if (!isDiskFull(error) || !(deleteEarliestSync(this.#dir) || deleteBeside(this.#file))) throw error;
      }
    }
  }

  #tryAgain(): void {
    try {
      this.#try();
    } catch (error) {
      warn(`The journal in ${this.#dir} cannot be locked: ${(error as Error).message}`);
    }
  }

  #mayTake(): boolean {
    const before = performance.now();
    const content = readLock(this.#file);
    if (content === undefined) return true;
    if (content !== this.#seen?.content) this.#seen = { content, at: performance.now() };
    const holder = readHolder(content);
    const running = holder && isRunning(holder);
    if (running === false) return true;
    if (running === true && holder?.count === undefined) return false; // it never counts
    return before - this.#seen.at >= TIMES.still;
  }

  #take(): void {
    const before = this.#seen?.content;
    if (readLock(this.#file) !== undefined && !unnameLock(this.#file, (path) => readLock(path) === before)) return;
    const opened = createLock(this.#file, this.#text());
    if (opened === undefined) return;
    this.#opened = opened;
    this.#inode = inodeOf(fstatSync(opened, { bigint: true }));
    this.#renewedAt = performance.now();
    this.#state = 'held';
    heldHere.add(this.#own.token);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#renewOnce(), TIMES.every).unref();
    this.#settleTaken();
  }

  /** Its holder has counted on shortly before, by the file system's own clock. One that does not count is asked nothing. */
  #isFresh({ count }: Holder): boolean {
    const age = Date.now() - (statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    return count === undefined || age < TIMES.still;
  }

  /** Always as long: it is written over in place. */
  #text(): string {
    return JSON.stringify({ ...this.#own, count: String(this.#count).padStart(12, '0') } satisfies Holder);
  }

  async #renewOnce(): Promise<void> {
    await (this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined)));
  }

  /** Writes into the open file, so that a file of another holder under this name stays as it is. An error is tried again a second later. */
  async #renew(): Promise<void> {
    if (this.#state !== 'held') return;
    const began = performance.now();
    this.#count += 1;
    try {
      await promisify(write)(this.#opened, this.#text(), 0);
      if (await this.#isOurs()) this.#renewedAt = began;
    } catch {
      await pause(TIMES.every);
    }
  }

  /** Whether the file of that name is this one's. @throws the file system's error */
  async #isOurs(): Promise<boolean> {
    const now = await stat(this.#file, { bigint: true }).then(inodeOf, (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined; // one that takes it over gives the name back where it was too fast
      throw error;
    });
    if (now === this.#inode) return true;
    if (this.#state !== 'held') return false;
    if (now === undefined) {
      if (performance.now() - this.#renewedAt < TIMES.renewedWithin) return false;
      if (restoreLock(this.#file, (path) => this.#isOurFile(path))) return true;
    }
    this.#lose();
    return false;
  }

  #isOurFile(path: string): boolean {
    return inodeOf(statSync(path, { bigint: true })) === this.#inode;
  }

  #lose(): void {
    this.#state = 'lost';
    clearInterval(this.#timer);
    heldHere.delete(this.#own.token);
    const content = readLock(this.#file);
    this.#seen = content === undefined ? undefined : { content, at: performance.now() };
    warn(this.error.message);
  }
}

const inodeOf = ({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string => `${dev}:${ino}`;
