import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atMost } from './at-most';
import { ANSWERS_WITHIN_MS, ContentStoreError, hashOf, MARKER, NAME, type ContentStore } from './content-store';
import { syncFolder } from './sync-folder';

/** Being written, or being removed. */
const UNFINISHED = /^([0-9a-f]{64}|probe)\.[0-9a-f-]{36}$/;

/**
 * A folder as the store. A content is one file, on the disk. Only the owner may read: folder 0700, files 0600. A network folder whose server
 * is gone may hang, and knows no deadline of its own.
 */
export class ContentFolder implements ContentStore {
  readonly #dir: string;
  readonly #answersWithinMs: number;

  constructor(dir: string, answersWithinMs = ANSWERS_WITHIN_MS) {
    this.#dir = dir;
    this.#answersWithinMs = answersWithinMs;
  }

  async prepare(): Promise<void> {
    const probe = this.#path(unfinished('probe'));
    try {
      await mkdir(this.#dir, { recursive: true, mode: 0o700 });
      await writeFile(probe, 'probe', { mode: 0o600 });
      if ((await readFile(probe, 'utf8')) !== 'probe')
        throw new Error('the folder gives back other bytes than those that were written');
      await rename(probe, this.#path(MARKER));
    } catch (error) {
      throw this.#unusable(error, 'This user must be able to make, write and rename files there.');
    }
  }

  async put(parts: readonly Uint8Array[]): Promise<string> {
    const name = hashOf(parts);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    try {
      await this.#inTime(this.#put(name, parts, size));
    } catch (error) {
      throw this.#unusable(error, 'See that there is room, and that this user may write there.');
    }
    return name;
  }

  async get(name: string): Promise<Buffer> {
    if (!NAME.test(name)) throw new ContentStoreError('A reference to a large event is damaged: it names no file.');
    const file = this.#path(name);
    const content = await this.#inTime(readFile(file)).catch((error: NodeJS.ErrnoException) => {
      const what = error.code === 'ENOENT' ? 'is gone' : `cannot be read (${error.code ?? error.message})`;
      const advice = 'See that this folder is the one that the publishers write to; else bring the file back.';
      throw new ContentStoreError(`The file ${file} of a large event ${what}. ${advice}`, { cause: error });
    });
    if (hashOf([content]) === name) {
      await this.touch(name);
      return content;
    }
    const advice = 'Bring it back as it was, or publish the event again.';
    throw new ContentStoreError(`The file ${file} of a large event was changed. ${advice}`);
  }

  /** Temporary files of a process that died are removed, too. */
  async *listOld(before: number, until: number): AsyncGenerator<string> {
    const names = (await this.#inTime(readdir(this.#dir))).filter((name) => NAME.test(name) || UNFINISHED.test(name));
    const first = Math.floor(Math.random() * names.length);
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      if (performance.now() > until) return;
      if (await this.#isOlder(name, before)) yield name;
    }
  }

  async head(name: string, bytes: number): Promise<Buffer> {
    const handle = await this.#inTime(open(this.#path(name)));
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async #isOlder(name: string, before: number): Promise<boolean> {
    const found = await stat(this.#path(name)).catch(() => undefined);
    return found !== undefined && found.mtimeMs <= before;
  }

  async touch(name: string): Promise<boolean> {
    const now = new Date();
    return await utimes(this.#path(name), now, now).then(
      () => true,
      () => false, // of another user's, or gone
    );
  }

  async remove(name: string, before: number): Promise<boolean> {
    const doomed = unfinished(name.slice(0, 64));
    // Under another name first: a put from now on writes it anew, a put before has touched it.
    try {
      await rename(this.#path(name), this.#path(doomed));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    const isOld = await this.#isOlder(doomed, before);
    if (isOld) await rm(this.#path(doomed), { force: true });
    else await rename(this.#path(doomed), this.#path(name));
    return isOld;
  }

  /** @throws when it does not end in time; it is left to itself then */
  async #inTime<T>(work: Promise<T>): Promise<T> {
    if (await atMost(this.#answersWithinMs, work)) return await work;
    throw new Error(`it does not answer within ${this.#answersWithinMs / 1000} s`);
  }

  async #put(name: string, parts: readonly Uint8Array[], size: number): Promise<void> {
    // Another try of a publish, for one, finds it there.
    const found = await stat(this.#path(name)).catch(() => undefined);
    if (found?.size !== size || !(await this.touch(name))) await this.#write(name, parts);
    await syncFolder(this.#dir);
  }

  async #write(name: string, parts: readonly Uint8Array[]): Promise<void> {
    await stat(this.#path(MARKER));
    const file = this.#path(unfinished(name));
    try {
      const handle = await open(file, 'wx', 0o600);
      try {
        for (const part of parts) await handle.writeFile(part);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(file, this.#path(name));
    } catch (error) {
      await rm(file, { force: true }).catch(() => {}); // it would be removed as an old one
      throw error;
    }
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #unusable(error: unknown, advice: string): ContentStoreError {
    const { code, path, message } = error as NodeJS.ErrnoException;
    const start = `The folder for large events, ${this.#dir}, cannot be used`;
    if (code === 'ENOENT' && path?.endsWith(MARKER)) {
      const remedy = 'Correct the path, or start a worker with it as LARGE_EVENTS_DIR, which prepares it.';
      return new ContentStoreError(`${start}: no worker uses it. ${remedy}`, { cause: error });
    }
    return new ContentStoreError(`${start}: ${code ?? message}. ${advice}`, { cause: error });
  }
}

const unfinished = (name: string): string => `${name}.${randomUUID()}`;
