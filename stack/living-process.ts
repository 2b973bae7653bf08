import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** States of a process that has ended and whose parent has not read its exit code yet. */
const ENDED = 'ended';

/** When a process began, in units of the system, only to be compared; undefined where the system does not tell. */
export async function startOfProcess(pid: number): Promise<string | undefined> {
  const shown = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (shown !== undefined) {
    // The second field is the program's name in brackets, and may hold anything; state is the third, the start the 22nd.
    const fields = shown.slice(shown.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? ENDED : fields[19];
  }
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const ps = promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env });
  return ps.then(({ stdout }) => stdout.trim() || undefined).catch(() => undefined);
}

/** Whether the process of a pid lives and, where both times are known, is the one that began at that time. */
export async function livesSince(pid: number, start: string | undefined): Promise<boolean> {
  if (!answers(pid)) return false;
  const now = await startOfProcess(pid);
  return now !== ENDED && (now === undefined || start === undefined || now === start);
}

/** Whether there is a process with this pid, also one of another user. */
export function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
