import { unwatchFile, watchFile } from 'node:fs';

/** How often files are looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Calls `onChange` when one of the files changes, also when another one takes its place.
 *
 * @returns ends it
 */
export function watchFiles(files: readonly string[], onChange: () => void): () => void {
  for (const file of files) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, onChange);
  return () => {
    for (const file of files) unwatchFile(file, onChange);
  };
}
