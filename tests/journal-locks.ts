import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalLock } from '../client/journal/journal-lock';

/**
 * A folder for each test of a file, handed to `set`, and locks in it that are closed after the test.
 *
 * @returns locks the folder of the test that runs
 */
export function useJournalLocks(set: (dir: string) => void): () => JournalLock {
  let dir = '';
  const locks: JournalLock[] = [];

  beforeEach(() => {
    set((dir = mkdtempSync(join(tmpdir(), 'lock-'))));
    jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  });

  afterEach(async () => {
    await Promise.all(locks.splice(0).map((one) => one.close()));
    jest.restoreAllMocks();
    rmSync(dir, { recursive: true });
  });

  return () => {
    const one = new JournalLock(dir);
    locks.push(one);
    return one;
  };
}
