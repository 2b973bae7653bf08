import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Holds an ISO time: no event that was released from then on was deleted. */
const fileOf = (dir: string): string => join(dir, 'replayable-since');

/** In place: the text is always as long, so that a full disk takes it, too. */
const OVER = { flag: 'r+' };
const NEW = { flag: 'wx', mode: 0o600 };

/** @returns milliseconds since 1970; null: it is not there, or is no whole time */
export function readReplayableSince(dir: string): number | null {
  try {
    const text = readFileSync(fileOf(dir), 'utf8');
    return new Date(text).toISOString() === text ? Date.parse(text) : null;
  } catch {
    return null;
  }
}

/** A file that is not known to be right is removed. @returns false when the time could not be written */
export async function writeReplayableSince(dir: string, time: number): Promise<boolean> {
  const [file, text] = [fileOf(dir), new Date(time).toISOString()];
  try {
    await writeFile(file, text, OVER).catch(() => writeFile(file, text, NEW));
    return true;
  } catch {
    await rm(file, { force: true }).catch(() => {});
    return false;
  }
}

/** The same for a process that begins. */
export function writeReplayableSinceSync(dir: string, time: number): void {
  const [file, text] = [fileOf(dir), new Date(time).toISOString()];
  try {
    writeOver(file, text);
  } catch {
    rmSync(file, { force: true });
  }
}

function writeOver(file: string, text: string): void {
  try {
    writeFileSync(file, text, OVER);
  } catch {
    writeFileSync(file, text, NEW);
  }
}
