import { randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Undefined: there is none. */
export function readLock(file: string): string | undefined {
  let content: string | undefined;
  unless(['ENOENT'], () => (content = readFileSync(file, 'utf8')));
  return content;
}

/**
 * Gives a file of this content the lock's name, if no other has it. It is written whole before: another process never reads half of it.
 * Locks that have lost the name go only then: until there is a new one, a holder that lives can have it back.
 *
 * @returns the open file, or undefined where another was faster
 */
export function createLock(file: string, content: string): number | undefined {
  const unnamed = `${file}.${randomUUID()}`;
  try {
    writeFileSync(unnamed, content, { mode: 0o600 });
    const opened = openSync(unnamed, 'r+');
    try {
      linkSync(unnamed, file);
      for (const aside of filesBeside(file)) rmSync(aside, { force: true });
      return opened;
    } catch (error) {
      closeSync(opened);
      throw error;
    }
  } catch (error) {
    if (FASTER.includes(String((error as NodeJS.ErrnoException).code)) && existsSync(dirname(file))) return undefined;
    throw error;
  } finally {
    rmSync(unnamed, { force: true });
  }
}

/**
 * Takes the name from a lock that is to go: it stands beside it then. Where another file has the name by now, or its holder has
 * counted on, that one gets its name back.
 *
 * @returns where it is now; undefined: it is another's, or gone
 */
export function unnameLock(file: string, isIt: (path: string) => boolean): string | undefined {
  const aside = `${file}.${randomUUID()}`;
  if (!unless(['ENOENT'], () => renameSync(file, aside))) return undefined;
  let isOurs = false;
  unless(['ENOENT'], () => (isOurs = isIt(aside)));
  if (isOurs) return aside;
  unless(FASTER, () => linkSync(aside, file));
  rmSync(aside, { force: true });
  return undefined;
}

/**
 * Gives the name back to a lock from which a process took it that died before its own had the name. As long as the file is there, no
 * other process has used the folder: each deletes it when its own has the name, before it reads anything.
 *
 * @returns false: another has the name, or the file is gone
 */
export function restoreLock(file: string, isIt: (path: string) => boolean): boolean {
  const aside = filesBeside(file).find((path) => {
    let isFound = false;
    unless(['ENOENT'], () => (isFound = isIt(path)));
    return isFound;
  });
  return aside !== undefined && unless(FASTER, () => linkSync(aside, file));
}

/** Another has the name, or has had it and deleted what was beside it. */
const FASTER = ['EEXIST', 'ENOENT'];

/** Locks that get their name, or have lost it. */
const filesBeside = (file: string): string[] =>
  readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.`))
    .map((name) => join(dirname(file), name));

/** @returns false when the step failed so */
function unless(codes: readonly string[], step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (codes.includes(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}
