import { readdir, type FileHandle } from 'node:fs/promises';
import { JournalLocked } from '../errors';
import { readText } from './entry';
import { encodeFrame, frameBytes, readFrames, type Frame } from './frames';
import { JournalLock } from './journal-lock';
import { openSegment, SEGMENT_NAME, type JournalFile } from './journal-reader';

/** How the entries of erased events in a journal are now. */
export interface Blanked {
  /** Their bytes were written over; of a dry run: would be. */
  readonly blanked: number;
  /** They are in files that a publisher still uses: it gives each up when it has asked the database about its entries. */
  readonly left: number;
  /** Bytes that are no whole entry: which event they are of is not known, and they stay. */
  readonly damagedBytes: number;
}

/** A batch of no events: each release reads it, and none does anything with it. */
const BLANK = JSON.stringify({ ride: '', of: [] });

/**
 * Writes over the entries of erased events, so that their bytes are in no file of the journal. A publisher may be running: then files
 * with entries that it may still need stay as they are. While it writes in such a file, no publisher can begin to use the folder.
 *
 * @param dir folder of a journal
 * @param findErased which of these keys, at most 1,000, are of erased events
 * @param isDryRun it only counts
 * @throws the file system's error
 */
export async function blankEntries(
  dir: string,
  findErased: (keys: readonly string[]) => Promise<ReadonlySet<string>>,
  isDryRun = false,
): Promise<Blanked> {
  const counts = { blanked: 0, left: 0, damagedBytes: 0 };
  for (const listed of (await readdir(dir)).filter((name) => SEGMENT_NAME.test(name)).toSorted()) {
    const file = await openSegment(dir, listed, isDryRun ? 'r' : 'r+');
    if (file === undefined) continue; // deleted since it was listed
    const { handle } = file;
    try {
      const bytes = await handle.readFile();
      const { frames } = readFrames(bytes);
      counts.damagedBytes += bytes.length - frames.reduce((sum, { text }) => sum + frameBytes(text), 0);
      const erased = await framesOf(frames, findErased);
      if (erased.length === 0) continue;
      const isDone = isDryRun || (await blankIn(dir, file, erased));
      counts[isDone ? 'blanked' : 'left'] += erased.length;
    } finally {
      await handle.close();
    }
  }
  return counts;
}

async function framesOf(
  frames: readonly Frame[],
  findErased: (keys: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Frame[]> {
  const entries = frames.flatMap((frame): [string, Frame][] => {
    const written = readText(frame.text);
    return 'event' in written ? [[written.event.key, frame]] : [];
  });
  const found: Frame[] = [];
  for (let at = 0; at < entries.length; at += 1_000) {
    const some = entries.slice(at, at + 1_000);
    const erased = await findErased(some.map(([key]) => key));
    found.push(...some.filter(([key]) => erased.has(key)).map(([, frame]) => frame));
  }
  return found;
}

/** @returns false when a publisher uses the folder, or may, and needs the file */
async function blankIn(dir: string, { name, handle }: JournalFile, frames: readonly Frame[]): Promise<boolean> {
  const lock = name.endsWith('.journal') ? tryLock(dir) : 'not needed';
  if (lock === undefined) return false;
  try {
    if (lock !== 'not needed' && !lock.isHeld) return false;
    await blank(handle, frames);
    return true;
  } finally {
    if (lock !== 'not needed') await lock.close();
  }
}

function tryLock(dir: string): JournalLock | undefined {
  try {
    return new JournalLock(dir);
  } catch (error) {
    if (error instanceof JournalLocked) return undefined;
    throw error;
  }
}

/** The file keeps its time: when it was released, by which it is deleted. */
async function blank(handle: FileHandle, frames: readonly Frame[]): Promise<void> {
  const { atime, mtime, size } = await handle.stat();
  for (const { offset, text } of frames) {
    if (offset + text.length > size) continue; // its publisher took it back: the disk had not accepted it
    const bytes = encodeFrame(Buffer.from(BLANK.padEnd(text.length)));
    for (let done = 0; done < bytes.length;) {
      const at = offset + text.length - bytes.length + done;
      done += (await handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
    }
  }
  await handle.datasync();
  await handle.utimes(atime, mtime);
}
