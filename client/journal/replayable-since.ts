import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Holds an ISO time: of what was released from then on, nothing was deleted. */
const NAME = 'replayable-since';

/** @returns milliseconds since 1970; null: it is not there, or is no whole time */
export function readReplayableSince(dir: string): number | null {
  let text: string;
  try {
    text = readFileSync(join(dir, NAME), 'utf8');
  } catch {
    return null;
  }
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString() === text ? time : null;
}

/** In place: the text is always as long, so that a full disk takes it, too. What is not known to be right is not left there. */
export async function writeReplayableSince(dir: string, time: number): Promise<boolean> {
  const file = join(dir, NAME);
  try {
    const handle = await open(file, 'r+').catch(() => open(file, 'wx', 0o600));
    try {
      await handle.write(new Date(time).toISOString(), 0);
    } finally {
      await handle.close();
    }
    return true;
  } catch {
    await rm(file, { force: true }).catch(() => {});
    return false;
  }
}

/** The same for a process that begins. */
export function writeReplayableSinceSync(dir: string, time: number): void {
  const file = join(dir, NAME);
  try {
    const handle = openForChange(file);
    try {
      writeSync(handle, new Date(time).toISOString(), 0);
    } finally {
      closeSync(handle);
    }
  } catch {
    rmSync(file, { force: true });
  }
}

function openForChange(file: string): number {
  try {
    return openSync(file, 'r+');
  } catch {
    return openSync(file, 'wx', 0o600);
  }
}
