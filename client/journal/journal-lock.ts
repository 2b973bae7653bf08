import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalLocked } from '../errors';
import { deleteEarliestSync, isDiskFull } from './kept-segments';

/** Tokens of the locks that this process holds: by its pid alone it could not tell them from those of one before it. */
const held = new Set<string>();

interface Holder {
  readonly pid: number;
  /** When the process started, as Linux says it; else empty. A pid is given out again. */
  readonly started: string;
  readonly token: string;
}

/**
 * Makes the folder this process's own. The lock of a process that is dead is taken over. It tells processes apart by pid, so
 * the folder must not be shared between machines or containers. On a full disk what is only kept there gives way.
 *
 * @returns what gives it up
 * @throws JournalLocked
 * @throws the file system's error
 */
export function lockJournal(dir: string): () => void {
  const file = join(dir, 'lock');
  for (;;) {
    try {
      return lock(file);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      assertFree(file, read(file));
      if (!deleteEarliestSync(dir)) throw error;
    }
  }
}

function lock(file: string): () => void {
  const token = randomUUID();
  const own = JSON.stringify({ pid: process.pid, started: startOf(process.pid), token } satisfies Holder);
  const unnamed = `${file}.${token}`;
  try {
    // Written whole before it has its name: nobody reads half of it.
    writeFileSync(unnamed, own, { mode: 0o600 });
    while (!linked(unnamed, file)) removeDead(file);
  } finally {
    rmSync(unnamed, { force: true });
  }
  held.add(token);
  return () => {
    held.delete(token);
    if (read(file) === own) rmSync(file, { force: true });
  };
}

/** @throws JournalLocked when its holder is alive */
function removeDead(file: string): void {
  const content = read(file);
  if (content === undefined) return;
  assertFree(file, content);
  const dead = `${file}.${randomUUID()}`;
  if (!unless(['ENOENT'], () => renameSync(file, dead))) return; // somebody was faster
  // Somebody took it over in between: it is theirs, and gets its name back.
  const isTheirs = read(dead) !== content;
  if (isTheirs) linked(dead, file);
  rmSync(dead, { force: true });
  if (isTheirs) throw new JournalLocked(file, undefined);
}

/** @throws JournalLocked when the lock, of this content, is that of a living process */
function assertFree(file: string, content = ''): void {
  const holder = holderOf(content);
  if (holder !== undefined && isAlive(holder)) throw new JournalLocked(file, holder.pid);
}

function isAlive({ pid, started, token }: Holder): boolean {
  if (pid === process.pid) return held.has(token);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false; // EPERM: there is one, of another user
  }
  return startOf(pid) === started;
}

/** Field 22 of /proc/PID/stat (proc(5)); the second, in parentheses, may have blanks. */
function startOf(pid: number): string {
  const stat = read(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Of a file that this program wrote; anything else has no holder. */
function holderOf(content: string): Holder | undefined {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such file, or no such process any more. */
function read(file: string): string | undefined {
  let content: string | undefined;
  unless(['ENOENT', 'ESRCH'], () => (content = readFileSync(file, 'utf8')));
  return content;
}

/** @returns false when there is such a file */
const linked = (from: string, to: string): boolean => unless(['EEXIST'], () => linkSync(from, to));

/** @returns false when the step failed with one of these */
function unless(codes: readonly string[], step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (codes.includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
