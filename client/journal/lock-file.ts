import { randomUUID } from 'node:crypto';
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** Undefined: there is none. */
export function readLock(file: string): string | undefined {
  let content: string | undefined;
  unless('ENOENT', () => (content = readFileSync(file, 'utf8')));
  return content;
}

/**
 * Gives a file of this content the lock's name, if no other has it. It is written whole before: another process never reads half of it.
 *
 * @returns the open file, or undefined where another was faster
 */
export function createLock(file: string, content: string): number | undefined {
  const unnamed = `${file}.${randomUUID()}`;
  try {
    writeFileSync(unnamed, content, { mode: 0o600 });
    const opened = openSync(unnamed, 'r+');
    try {
      if (unless('EEXIST', () => linkSync(unnamed, file))) return opened;
    } catch (error) {
      closeSync(opened);
      throw error;
    }
    closeSync(opened);
    return undefined;
  } finally {
    rmSync(unnamed, { force: true });
  }
}

/**
 * Takes the name from a lock that is to go. Where another file has it by now, or its holder has counted on, that one gets its name back.
 *
 * @returns false: it is another's, or gone
 */
export function removeLock(file: string, isIt: (path: string) => boolean): boolean {
  const aside = `${file}.${randomUUID()}`;
  if (!unless('ENOENT', () => renameSync(file, aside))) return false;
  const isRemoved = isIt(aside);
  if (!isRemoved) unless('EEXIST', () => linkSync(aside, file));
  rmSync(aside, { force: true });
  return isRemoved;
}

/** @returns false when the step failed so */
function unless(code: string, step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}
