import { readdirSync, rmSync, statSync } from 'node:fs';
import { rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { readReplayableSince, writeReplayableSince, writeReplayableSinceSync } from './replayable-since';

interface Kept {
  readonly file: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly releasedAt: number;
}

/** Instead of `journal`, at the end of a name. The file's time is when its last entry was released. */
const RELEASED = 'released';
const EXPIRE_EVERY_MS = 600_000;

/**
 * Files of a journal whose entries are all recorded, kept for a while in case the database has to be restored from before.
 * They give way to entries that are needed, earliest first.
 */
export class KeptSegments {
  readonly #dir: string;
  readonly #keepMs: number;
  readonly #isOurs: () => boolean;
  /** Earliest first. */
  readonly #files: Kept[];
  readonly #timer: NodeJS.Timeout;
  /** One after the other, so that the time goes forward only. */
  #deletion: Promise<boolean> = Promise.resolve(true);

  /**
   * @param keepMs 0 = none is kept
   * @param isOurs false: the folder is another publisher's by now, and nothing is deleted there
   */
  constructor(dir: string, keepMs: number, isOurs: () => boolean) {
    this.#dir = dir;
    this.#keepMs = keepMs;
    this.#isOurs = isOurs;
    this.#files = listKept(dir);
    if (readReplayableSince(dir) === null) writeReplayableSinceSync(dir, Date.now());
    this.#timer = setInterval(() => void this.#expire(), EXPIRE_EVERY_MS).unref();
    void this.#expire();
  }

  get bytes(): number {
    return this.#files.reduce((sum, { size }) => sum + size, 0);
  }

  /** Takes over a file whose entries are all released. */
  async add(file: string, size: number): Promise<void> {
    const now = new Date();
    const kept = { file: file.replace(/journal$/, RELEASED), size, releasedAt: now.getTime() };
    await utimes(file, now, now);
    await rename(file, kept.file);
    this.#files.push(kept);
    await this.#expire();
  }

  /** @returns false when there is none that can be deleted */
  async deleteEarliest(): Promise<boolean> {
    return await this.#deleteIf(() => true);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#deletion;
  }

  async #expire(): Promise<void> {
    const before = Date.now() - this.#keepMs;
    while (await this.#deleteIf(({ releasedAt }) => releasedAt <= before));
  }

  #deleteIf(isDue: (earliest: Kept) => boolean): Promise<boolean> {
    return (this.#deletion = this.#deletion.then(async () => {
      const [kept] = this.#files;
      return kept !== undefined && this.#isOurs() && isDue(kept) && (await this.#delete(kept));
    }));
  }

  /** A file that cannot be deleted stays in the list. A full disk may have no room for the time before the file is gone. */
  async #delete(kept: Kept): Promise<boolean> {
    const since = kept.releasedAt + 1;
    const isNoted = await writeReplayableSince(this.#dir, since);
    try {
      await rm(kept.file, { force: true });
    } catch {
      return false;
    }
    this.#files.splice(this.#files.indexOf(kept), 1);
    if (!isNoted) await writeReplayableSince(this.#dir, since);
    return true;
  }
}

/** For who finds the disk full before a publisher has the folder. @returns false when there is none that can be deleted */
export function deleteEarliestSync(dir: string): boolean {
  const [kept] = listKept(dir);
  if (kept === undefined) return false;
  writeReplayableSinceSync(dir, kept.releasedAt + 1);
  rmSync(kept.file, { force: true });
  return true;
}

/** The disk, or this user's share of it. */
export const isDiskFull = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');

function listKept(dir: string): Kept[] {
  return readdirSync(dir)
    .filter((name) => name.endsWith(`.${RELEASED}`))
    .map((name) => join(dir, name))
    .map((file) => ({ file, size: statSync(file).size, releasedAt: statSync(file).mtimeMs }))
    .toSorted((a, b) => a.releasedAt - b.releasedAt);
}
