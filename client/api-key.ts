import { readFileSync, statSync } from 'node:fs';
import type { ClusterOptions } from './publisher-options';

/** How often a file is looked at, in milliseconds. */
const LOOK_EVERY_MS = 1_000;

/**
 * Gives the API key of a cluster's calls, each time; undefined where it has none. A file is read again when it has changed; while it
 * cannot be read, the last key goes on, and before the first one the key is empty.
 */
export function apiKeyOf({
  apiKey,
  apiKeyFile,
}: Pick<ClusterOptions, 'apiKey' | 'apiKeyFile'>): (() => string) | undefined {
  if (apiKeyFile !== undefined) return readAgain(apiKeyFile);
  return typeof apiKey === 'string' ? () => apiKey : apiKey;
}

function readAgain(file: string): () => string {
  let key = '';
  let state = '';
  let lookedAt = -Infinity;
  return () => {
    if (performance.now() - lookedAt < LOOK_EVERY_MS) return key;
    lookedAt = performance.now();
    try {
      // A file that was replaced has another inode, also when its time was kept.
      const { ino, mtimeMs, size } = statSync(file);
      const now = `${ino} ${mtimeMs} ${size}`;
      if (now !== state) key = readFileSync(file, 'utf8').trim() || key; // empty: it is being written
      state = now;
    } catch {
      state = '';
    }
    return key;
  };
}
