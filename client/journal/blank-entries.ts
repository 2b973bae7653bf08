import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalLocked } from '../errors';
import { readText } from './entry';
import { encodeFrame, readFrames, type Frame } from './frames';
import { JournalLock } from './journal-lock';

/** How the entries of erased events in a journal are now. */
export interface Blanked {
  /** Their bytes were written over. */
  readonly blanked: number;
  /** They are in files that a publisher still uses: it gives each up when it has asked the database about its entries. */
  readonly left: number;
}

const KEPT = /^\d{10}\.(released|journal\.damaged)$/;
const NEEDED = /^\d{10}\.journal$/;

/** A batch of no events: each release reads it, and none does anything with it. */
const BLANK = JSON.stringify({ ride: '', of: [] });

/**
 * Writes over the entries of erased events, so that their bytes are in no file of the journal. A publisher may be running: then files
 * with entries that it may still need stay as they are.
 *
 * @param dir folder of a journal
 * @param findErased which of these keys, at most 1,000, are of erased events
 * @throws the file system's error
 */
export async function blankEntries(
  dir: string,
  findErased: (keys: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Blanked> {
  const lock = tryLock(dir);
  try {
    const counts = { blanked: 0, left: 0 };
    for (const name of (await readdir(dir)).toSorted()) {
      if (!KEPT.test(name) && !NEEDED.test(name)) continue;
      const isFree = KEPT.test(name) || lock?.isHeld === true;
      const found = await blankIn(join(dir, name), findErased, isFree);
      counts[isFree ? 'blanked' : 'left'] += found;
    }
    return counts;
  } finally {
    await lock?.close();
  }
}

/** Held: no publisher uses the folder, and none begins to. */
function tryLock(dir: string): JournalLock | undefined {
  try {
    return new JournalLock(dir);
  } catch (error) {
    if (error instanceof JournalLocked) return undefined;
    throw error;
  }
}

/** @returns how many entries of erased events the file has had */
async function blankIn(
  file: string,
  findErased: (keys: readonly string[]) => Promise<ReadonlySet<string>>,
  mayWrite: boolean,
): Promise<number> {
  const handle = await open(file, mayWrite ? 'r+' : 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined; // its publisher has released or deleted it meanwhile
    throw error;
  });
  if (handle === undefined) return 0;
  try {
    const { atime, mtime } = await handle.stat();
    const entries = readFrames(await handle.readFile()).frames.flatMap((frame): [string, Frame][] => {
      const written = readText(frame.text);
      return 'event' in written ? [[written.event.key, frame]] : [];
    });
    let found = 0;
    for (let at = 0; at < entries.length; at += 1_000) {
      const some = entries.slice(at, at + 1_000);
      const erased = await findErased(some.map(([key]) => key));
      for (const [key, { offset, text }] of some) {
        if (!erased.has(key)) continue;
        found += 1;
        if (!mayWrite) continue;
        const frame = encodeFrame(Buffer.from(BLANK.padEnd(text.length)));
        await handle.write(frame, 0, frame.length, offset + text.length - frame.length);
      }
    }
    if (mayWrite && found > 0) {
      await handle.datasync();
      await handle.utimes(atime, mtime); // when it was released, by which it is deleted
    }
    return found;
  } finally {
    await handle.close();
  }
}
