import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Another process has the name, or has had it and deleted the files beside it. */
const FASTER = ['EEXIST', 'ENOENT'];

/** Undefined: there is none. */
export function readLock(file: string): string | undefined {
  const content = unless(['ENOENT'], () => fs.readFileSync(file, 'utf8'));
  return content === false ? undefined : content;
}

/**
 * Gives a file of this content the lock's name, if no other has it. It is written whole before: another process never reads half of it.
 * Locks that have lost the name are deleted only then: until there is a new one, a holder that lives can have it back. On a full disk
 * they may have to go before.
 *
 * @returns the open file, or undefined where another was faster
 */
export function createLock(file: string, content: string): number | undefined {
  const unnamed = `${file}.${randomUUID()}`;
  let opened: number | undefined;
  try {
    fs.writeFileSync(unnamed, content, { mode: 0o600 });
    opened = fs.openSync(unnamed, 'r+');
    fs.linkSync(unnamed, file);
    deleteBeside(file);
    return opened;
  } catch (error) {
    if (opened !== undefined) fs.closeSync(opened);
    if (hasCode(error, FASTER) && fs.existsSync(dirname(file))) return undefined;
    throw error;
  } finally {
    fs.rmSync(unnamed, { force: true });
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
  if (unless(['ENOENT'], () => fs.renameSync(file, aside)) === false) return undefined;
  if (unless(['ENOENT'], () => isIt(aside))) return aside;
  unless(FASTER, () => fs.linkSync(aside, file));
  fs.rmSync(aside, { force: true });
  return undefined;
}

/**
 * Gives the name back to a lock from which a process took it that died before its own had the name. As long as the file is there, no
 * other process has used the folder: each deletes it when its own has the name, before it reads anything.
 *
 * @returns false: another has the name, or the file is gone
 */
export function restoreLock(file: string, isIt: (path: string) => boolean): boolean {
  const aside = filesBeside(file).find((path) => unless(['ENOENT'], () => isIt(path)));
  return aside !== undefined && unless(FASTER, () => fs.linkSync(aside, file)) !== false;
}

/** Makes room on a full disk: nothing else may be left there that can go. @returns false when there is none */
export function deleteBeside(file: string): boolean {
  const asides = filesBeside(file);
  for (const aside of asides) fs.rmSync(aside, { force: true });
  return asides.length > 0;
}

/** Locks that get their name, or have lost it. */
const filesBeside = (file: string): string[] =>
  fs
    .readdirSync(dirname(file))
    .filter((name) => name.startsWith(`${basename(file)}.`))
    .map((name) => join(dirname(file), name));

const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  codes.includes(String((error as NodeJS.ErrnoException).code));

/** @returns the result of the step; false when it failed so */
function unless<T>(codes: readonly string[], step: () => T): T | false {
  try {
    return step();
  } catch (error) {
    if (hasCode(error, codes)) return false;
    throw error;
  }
}
