import { open, readFile, rename, rm, utimes, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { syncFolder } from '../sync-folder';
import { encodeFrame, frameBytes, readFrames, type Damage } from './frames';
import type { KeptSegments } from './kept-segments';

/** Where an entry's text is. */
export interface Place {
  readonly segment: Segment;
  /** Of the text in the file. */
  readonly offset: number;
  readonly length: number;
}

/** Bytes that are read at once, at most, unless one text is larger. */
const LARGEST_PIECE = 512 * 1024;

/** One file of the journal. It leaves when none of its entries is needed any more. */
export class Segment {
  readonly file: string;
  /** As its name has it; of all files of a folder, ever. */
  readonly number: number;
  /** Bytes of the file. */
  size: number;
  /** Entries that are needed. */
  live = 0;
  /** Being written, or read through: how many are needed is not known yet. */
  isBusy = false;
  #isDamaged = false;
  #isClosed = false;
  #handle: Promise<FileHandle> | undefined;

  constructor(file: string, size = 0) {
    this.file = file;
    this.number = Number.parseInt(basename(file), 10);
    this.size = size;
  }

  /** Makes the file; its name is on the disk, too. */
  async create(): Promise<void> {
    this.#handle = open(this.file, 'wx+', 0o600);
    await this.#handle;
    await syncFolder(dirname(this.file));
  }

  /** When it resolves, the texts are on the disk; when it rejects, it has tried to have nothing of them in the file. */
  async append(texts: readonly Buffer[]): Promise<Place[]> {
    const handle = await this.#open();
    const bytes = Buffer.concat(texts.map(encodeFrame));
    try {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.size + done);
        done += bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      await handle.truncate(this.size).catch(() => {}); // the first failure says more
      throw error;
    }
    return texts.map((text) => {
      this.size += frameBytes(text);
      return { segment: this, offset: this.size - text.length, length: text.length };
    });
  }

  /** The texts of places in this file. In one piece where they are near each other: the disk is busy with events that are published meanwhile. */
  async read(places: readonly Place[]): Promise<Buffer[]> {
    const begin = Math.min(...places.map(({ offset }) => offset));
    const end = Math.max(...places.map(({ offset, length }) => offset + length));
    if (places.length > 1 && end - begin > LARGEST_PIECE) {
      const half = Math.ceil(places.length / 2);
      const parts = [places.slice(0, half), places.slice(half)];
      return (await Promise.all(parts.map((part) => this.read(part)))).flat();
    }
    const handle = await this.#open();
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(end - begin), 0, end - begin, begin);
    if (bytesRead < end - begin) throw new Error(`${this.file} ends before byte ${end}`);
    return places.map(({ offset, length }) => buffer.subarray(offset - begin, offset - begin + length));
  }

  /**
   * Calls `each` with the records that an earlier process has left; it says whether one is an entry: those are needed from now on.
   *
   * @returns the bytes that are neither
   */
  async readThrough(each: (text: Buffer, place: Place) => boolean): Promise<readonly Damage[]> {
    const { frames, damages } = readFrames(await readFile(this.file));
    this.#isDamaged = damages.length > 0;
    this.live = 0;
    for (const { offset, text } of frames) {
      if (each(text, { segment: this, offset, length: text.length })) this.live += 1;
    }
    return damages;
  }

  /** None of its entries is needed any more. A damaged file stays under another name, with the time of its release. */
  async leave(kept: KeptSegments): Promise<void> {
    await this.close();
    if (!this.#isDamaged)
      return this.size === 0 ? await rm(this.file, { force: true }) : await kept.add(this.file, this.size);
    const now = new Date();
    await utimes(this.file, now, now);
    await rename(this.file, `${this.file}.damaged`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const handle = await this.#handle?.catch(() => undefined);
    await handle?.close();
  }

  async #open(): Promise<FileHandle> {
    if (this.#isClosed) throw new Error(`${this.file} is closed`);
    return await (this.#handle ??= open(this.file, 'r'));
  }
}
