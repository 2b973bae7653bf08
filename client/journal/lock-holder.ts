import { readFileSync, readlinkSync } from 'node:fs';

/** Who holds a journal's lock, as its file says it. */
export interface Holder {
  readonly pid: number;
  /** When the process started, as Linux says it; else empty. A pid is given out again. */
  readonly started: string;
  readonly token: string;
  /** The machine since it was started, and the container: where the pid means this process. Empty where Linux does not say it. */
  readonly place?: string;
  /** Counts up while it lives. Undefined: a version of this program that did not count yet. */
  readonly count?: string;
}

/** Tokens of the locks that this thread holds: by its pid alone it could not tell them from those of other threads. */
export const heldHere = new Set<string>();

/** Both, or nothing: a pid is one process only in its own container, and until the machine starts anew. */
const boot = orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
const namespace = orEmpty(() => readlinkSync('/proc/self/ns/pid'));
const place = boot === '' || namespace === '' ? '' : `${boot} ${namespace}`;

export function holderHere(token: string): Holder & { place: string } {
  return { pid: process.pid, started: startOf(process.pid), token, place };
}

/** Of a lock's content; undefined: not one of this program. */
export function readHolder(content: string): Holder | undefined {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

/**
 * Whether the holder's process runs: false only where it surely does not. Undefined: that cannot be seen from here, as with
 * another container, another machine, another thread. One without a place runs here where its process does; else it may be anywhere.
 */
export function isRunning(holder: Holder): boolean | undefined {
  if (heldHere.has(holder.token)) return true;
  if (place === '' || (holder.place ?? place) !== place) return undefined;
  const isThere = hasProcess(holder.pid) && startOf(holder.pid) === holder.started;
  if (!isThere) return holder.place === undefined ? undefined : false;
  return holder.pid === process.pid ? undefined : true;
}

function hasProcess(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // there is one, of another user
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); the second, in parentheses, may have blanks. */
function startOf(pid: number): string {
  const stat = orEmpty(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
