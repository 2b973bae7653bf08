import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { batchingOf, type Queued } from '../compose-batch';
import type { PreparedEvent } from '../prepare-event';
import { readEntry, readText } from './entry';
import { readFrames } from './frames';
import { readReplayableSince } from './replayable-since';

/** An event as it is in a journal; its data stays on the disk. */
export interface StoredEvent extends Queued {
  /** Milliseconds since 1970. */
  readonly publishedAt: number;
  readonly file: JournalFile;
  /** Of its text in the file. */
  readonly offset: number;
  readonly length: number;
}

export interface JournalFile {
  readonly name: string;
  /** Bytes of it, when it was opened. */
  readonly size: number;
  /** When the last of its events was recorded, in milliseconds since 1970 by its publisher's clock; null: not all of them are known to be. */
  readonly releasedAt: number | null;
  readonly handle: FileHandle;
}

/** `journal`: needed; `released`: all recorded, kept; `journal.damaged`: the same, and something in it cannot be read. */
const NAME = /^\d{10}\.(journal|released|journal\.damaged)$/;

/** Reads a journal's folder and changes nothing in it, while a publisher may be using it. */
export class JournalReader {
  /** In the order in which they were begun. */
  readonly files: readonly JournalFile[];
  /** All events that were recorded from then on, by the publisher's clock, are there, in milliseconds since 1970; null: that is not known. */
  readonly completeSince: number | null;

  private constructor(files: readonly JournalFile[], completeSince: number | null) {
    this.files = files;
    this.completeSince = completeSince;
  }

  /**
   * Takes hold of all files: they can be read even if the publisher deletes them meanwhile.
   *
   * @throws the file system's error
   */
  static async open(dir: string): Promise<JournalReader> {
    const names = (await readdir(dir)).filter((name) => NAME.test(name)).toSorted();
    const files: JournalFile[] = [];
    for (const name of names) {
      const file = await openFile(dir, name);
      if (file !== undefined) files.push(file);
    }
    return new JournalReader(files, readReplayableSince(dir));
  }

  /** The events of a file; one that is being written at its end is left out. */
  async eventsOf(file: JournalFile): Promise<StoredEvent[]> {
    const bytes = Buffer.allocUnsafe((await file.handle.stat()).size);
    const { bytesRead } = await file.handle.read(bytes, 0, bytes.length, 0);
    return readFrames(bytes.subarray(0, bytesRead)).frames.flatMap(({ text, offset }) => {
      const written = readText(text);
      if ('ride' in written) return [];
      const { key, siteId, type, bytes: size } = written.event;
      const place = { file, offset, length: text.length };
      return { key, siteId, bytes: size, batching: batchingOf(type, size), publishedAt: written.publishedAt, ...place };
    });
  }

  async read({ file, offset, length }: StoredEvent): Promise<PreparedEvent> {
    const { buffer } = await file.handle.read(Buffer.alloc(length), 0, length, offset);
    return readEntry(buffer).event;
  }

  async close(): Promise<void> {
    for (const { handle } of this.files) await handle.close();
  }
}

/** Undefined: it was deleted meanwhile. */
async function openFile(dir: string, name: string): Promise<JournalFile | undefined> {
  const handle = await unlessMissing(open(join(dir, name)));
  if (handle === undefined) {
    if (!name.endsWith('.journal')) return undefined;
    // Its publisher may have released it since it was seen.
    return (await openFile(dir, name.replace('.journal', '.released'))) ?? (await openFile(dir, `${name}.damaged`));
  }
  const { size, mtimeMs } = await handle.stat();
  return { name, size, handle, releasedAt: name.endsWith('.journal') ? null : mtimeMs };
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return await work.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
