import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** Not by `recursive`: below a folder in which none can be made (/proc) Node 20 never returns from that. */
export function makeFolder(dir: string): void {
  if (existsSync(dir)) return;
  makeFolder(dirname(dir));
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(dir)) throw error; // else another process has made it at this moment
  }
}
