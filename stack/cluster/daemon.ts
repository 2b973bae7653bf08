import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { livesSince, startOfProcess } from '../living-process';

/** The record of a process that goes on after the command that has started it. */
interface DaemonRecord {
  readonly pid: number;
  /** When it began, where the system tells: a pid may be given to another process later. */
  readonly processStart?: string;
}

/** The record of a process of ours, `NAME.json` in the folder. */
const recordFile = (folder: string, name: string): string => join(folder, `${name}.json`);

/** Remembers a process that was just started, for later commands. */
export async function recordDaemon(folder: string, name: string, pid: number): Promise<void> {
  const processStart = await startOfProcess(pid);
  const record: DaemonRecord = { pid, ...(processStart !== undefined && { processStart }) };
  await writeFile(recordFile(folder, name), `${JSON.stringify(record)}\n`, { mode: 0o600 });
}

/** The pid of that name's process; undefined when it is gone, or was never started, or its pid is another process by now. */
export async function livingDaemon(folder: string, name: string): Promise<number | undefined> {
  const record = await readRecord(folder, name);
  if (record === undefined) return undefined;
  return (await livesSince(record.pid, record.processStart)) ? record.pid : undefined;
}

/**
 * Ends the process of that name, if it is ours and runs: sends the signals one after the other, waiting the given milliseconds after each,
 * then SIGKILL.
 *
 * @returns whether there was one
 */
export async function endDaemon(
  folder: string,
  name: string,
  steps: readonly (readonly [NodeJS.Signals, number])[],
): Promise<boolean> {
  const living = await livingDaemon(folder, name);
  for (const [signal, patience] of living === undefined ? [] : [...steps, ['SIGKILL', 5_000] as const]) {
    // Asked each time: between two signals the process may have ended, and another may have got its pid.
    const pid = await livingDaemon(folder, name);
    if (pid === undefined || !signalProcess(pid, signal)) break;
    for (const deadline = Date.now() + patience; Date.now() < deadline; await pause(50)) {
      if ((await livingDaemon(folder, name)) === undefined) break;
    }
  }
  await rm(recordFile(folder, name), { force: true });
  return living !== undefined;
}

/** @returns false where the process has ended since it was looked at */
function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

async function readRecord(folder: string, name: string): Promise<DaemonRecord | undefined> {
  try {
    // This program wrote the file.
    return JSON.parse(await readFile(recordFile(folder, name), 'utf8')) as DaemonRecord;
  } catch {
    return undefined;
  }
}
