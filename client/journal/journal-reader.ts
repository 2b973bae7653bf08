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

/** Events that were to be started together, as one workflow. */
export interface StoredBatch {
  readonly workflowId: string;
  /** Of each event, `placeOf`. */
  readonly places: readonly string[];
}

/** Where an event is in a journal: the number of its file, and the offset of its text in it. */
export const placeOf = ({ file, offset }: Pick<StoredEvent, 'file' | 'offset'>): string =>
  `${Number.parseInt(file.name, 10)},${offset}`;

export interface JournalFile {
  readonly name: string;
  /** Bytes of it, when it was opened. */
  readonly size: number;
  /** When the last of its events was recorded, in milliseconds since 1970 by its publisher's clock; null: not all of them are known to be. */
  readonly releasedAt: number | null;
  readonly handle: FileHandle;
}

/** `journal`: needed; `released`: all recorded, kept; `journal.damaged`: the same, and something in it cannot be read. */
export const SEGMENT_NAME = /^\d{10}\.(journal|released|journal\.damaged)$/;

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
    const names = (await readdir(dir)).filter((name) => SEGMENT_NAME.test(name)).toSorted();
    const files: JournalFile[] = [];
    for (const name of names) {
      const file = await openSegment(dir, name);
      if (file !== undefined) files.push(file);
    }
    return new JournalReader(files, readReplayableSince(dir));
  }

  /** The events of a file; one that is being written at its end is left out. */
  async eventsOf(file: JournalFile): Promise<StoredEvent[]> {
    return (await this.contentsOf(file)).events;
  }

  /** The same, and the batches that the publisher has begun since; an event of a batch may be in an earlier file. */
  async contentsOf(file: JournalFile): Promise<{ events: StoredEvent[]; batches: StoredBatch[] }> {
    const bytes = Buffer.allocUnsafe((await file.handle.stat()).size);
    const { bytesRead } = await file.handle.read(bytes, 0, bytes.length, 0);
    const events: StoredEvent[] = [];
    const batches: StoredBatch[] = [];
    for (const { text, offset } of readFrames(bytes.subarray(0, bytesRead)).frames) {
      const written = readText(text);
      if ('ride' in written) {
        batches.push({ workflowId: written.ride, places: written.of.map((place) => place.join()) });
        continue;
      }
      const { key, siteId, type, bytes: size } = written.event;
      const common = { key, siteId, bytes: size, batching: batchingOf(type, size), publishedAt: written.publishedAt };
      events.push({ ...common, file, offset, length: text.length });
    }
    return { events, batches };
  }

  async read({ file, offset, length }: StoredEvent): Promise<PreparedEvent> {
    const { buffer } = await file.handle.read(Buffer.alloc(length), 0, length, offset);
    return readEntry(buffer).event;
  }

  async close(): Promise<void> {
    for (const { handle } of this.files) await handle.close();
  }
}

/** A file that was listed a moment ago. Undefined: it was deleted meanwhile. */
export async function openSegment(dir: string, name: string, flags = 'r'): Promise<JournalFile | undefined> {
  const handle = await unlessMissing(open(join(dir, name), flags));
  if (handle === undefined) {
    if (!name.endsWith('.journal')) return undefined;
    // Its publisher may have released it since it was seen.
    for (const now of [name.replace('.journal', '.released'), `${name}.damaged`]) {
      const file = await openSegment(dir, now, flags);
      if (file !== undefined) return file;
    }
    return undefined;
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
