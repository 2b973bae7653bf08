import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Kept {
  readonly file: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly releasedAt: number;
}

/** Instead of `journal`, at the end of a name. The file's time is when its last entry was released. */
export const RELEASED = 'released';
/** Holds an ISO time: of what was released from then on, nothing was deleted. */
export const REPLAYABLE_SINCE = 'replayable-since';

const EXPIRE_EVERY_MS = 600_000;

/**
 * Files of a journal whose entries are all recorded, kept for a while in case the database has to be restored from before.
 * They give way to entries that are needed, earliest first.
 */
export class KeptSegments {
  readonly #dir: string;
  readonly #keepMs: number;
  /** Earliest first. */
  readonly #files: Kept[];
  readonly #timer: NodeJS.Timeout;
  #deletion: Promise<void> = Promise.resolve();

  /** @param keepMs 0 = none is kept */
  constructor(dir: string, keepMs: number) {
    this.#dir = dir;
    this.#keepMs = keepMs;
    this.#files = readdirSync(dir)
      .filter((name) => name.endsWith(`.${RELEASED}`))
      .map((name) => join(dir, name))
      .map((file) => ({ file, size: statSync(file).size, releasedAt: statSync(file).mtimeMs }))
      .toSorted((a, b) => a.releasedAt - b.releasedAt);
    const since = join(dir, REPLAYABLE_SINCE);
    if (!existsSync(since)) writeFileSync(since, new Date().toISOString(), { mode: 0o600 });
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

  /** @returns false when there is none */
  async deleteEarliest(): Promise<boolean> {
    const kept = this.#files.shift();
    if (kept === undefined) return false;
    // One after the other, so that the time goes forward only.
    this.#deletion = this.#deletion.then(() => this.#delete(kept));
    await this.#deletion;
    return true;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#deletion;
  }

  async #expire(): Promise<void> {
    const before = Date.now() - this.#keepMs;
    while ((this.#files[0]?.releasedAt ?? Infinity) <= before) await this.deleteEarliest();
  }

  /** What cannot be deleted stays, and is found again by the next process. */
  async #delete({ file, releasedAt }: Kept): Promise<void> {
    const until = new Date(releasedAt + 1).toISOString();
    await writeFile(join(this.#dir, REPLAYABLE_SINCE), until, { mode: 0o600 })
      .then(() => rm(file, { force: true }))
      .catch(() => {});
  }
}
