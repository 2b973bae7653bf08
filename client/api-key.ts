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

/** The last key of each file: a connection that is made anew, as for each probe, goes on with it, too. */
const last = new Map<string, { key: string; state: string }>();

function readAgain(file: string): () => string {
  const known = last.get(file) ?? { key: '', state: '' };
  last.set(file, known);
  let lookedAt = -Infinity;
  return () => {
    if (performance.now() - lookedAt < LOOK_EVERY_MS) return known.key;
    lookedAt = performance.now();
    try {
      // A file that was replaced has another inode, also when its time was kept.
      const { ino, mtimeMs, size } = statSync(file);
      const now = `${ino} ${mtimeMs} ${size}`;
      if (now !== known.state) known.key = readFileSync(file, 'utf8').trim() || known.key; // empty: it is being written
      known.state = now;
    } catch {
      known.state = '';
    }
    return known.key;
  };
}
