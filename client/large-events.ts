import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Payload } from '@temporalio/common';
import { ExternalStorage, StorageDriverClaim, type StorageDriver } from '@temporalio/common/lib/converter/extstore';

/** Payloads beyond it leave Temporal for the store; Temporal itself takes 2 MiB at most. */
export const THRESHOLD_BYTES = 256 * 1024;

/** Where large payloads are: a folder that every publisher and every worker sees under the same path or another one. */
export interface LargeEventStore {
  /** For `dataConverter: { externalStorage }` of a client or a worker. */
  readonly externalStorage: ExternalStorage;
  /**
   * Writes a file and reads it back.
   *
   * @throws LargeEventStoreUnavailable
   */
  probe(): Promise<void>;
  /**
   * Removes what nobody has touched for `olderThanMs` and whose workflow is closed; what an open one needs lives on.
   *
   * @param isOpen asked once per file that is old enough
   * @param most files to look at
   * @returns how many were removed
   */
  removeOld(olderThanMs: number, isOpen: (workflowId: string) => Promise<boolean>, most?: number): Promise<number>;
}

/** Thrown when the folder of large events cannot be used; the message says what to do. */
export class LargeEventStoreUnavailable extends Error {
  override readonly name = 'LargeEventStoreUnavailable';
}

/** Opens a folder as the store; it is made when it is first used, for its owner only, as it holds data of events. */
export function openLargeEventStore(dir: string): LargeEventStore {
  const driver = folderDriver(dir);
  return {
    externalStorage: new ExternalStorage({ drivers: [driver], payloadSizeThreshold: THRESHOLD_BYTES }),
    async probe() {
      const file = join(dir, `probe-${randomUUID()}`);
      try {
        await mkdir(dir, { recursive: true, mode: 0o700 });
        await writeFile(file, 'probe', { mode: 0o600 });
        if ((await readFile(file, 'utf8')) !== 'probe') throw new Error('it reads back something else');
        await rm(file);
      } catch (error) {
        const why = (error as Partial<Error>).message;
        const message = `The folder for large events, ${dir}, cannot be used: ${why}. Every publisher and worker must be able to write there.`;
        throw new LargeEventStoreUnavailable(message, { cause: error });
      }
    },
    async removeOld(olderThanMs, isOpen, most = 1_000) {
      const before = Date.now() - olderThanMs;
      let removed = 0;
      for (const name of (await readdir(dir)).slice(0, most)) {
        const file = join(dir, name);
        const { mtimeMs = Infinity } = (await stat(file).catch(() => undefined)) ?? {};
        if (mtimeMs > before) continue;
        const workflowId = await readOwner(file);
        if (workflowId !== undefined && (await isOpen(workflowId))) await touch(file);
        else {
          await rm(file, { force: true });
          removed += 1;
        }
      }
      return removed;
    },
  };
}

/** Of temporary files of a writer that died, there is nobody to ask for. */
async function readOwner(file: string): Promise<string | undefined> {
  try {
    return readHead(await readFile(file)).workflowId;
  } catch {
    return undefined;
  }
}

interface Head {
  /** Of the payload, each as base64. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly workflowId?: string;
}

/** One file per payload: a line of JSON (Head), then the payload's bytes. Its name is its SHA-256. */
function folderDriver(dir: string): StorageDriver {
  const fileOf = (sha256: string): string => join(dir, sha256);

  async function store(payload: Payload, workflowId: string | undefined): Promise<StorageDriverClaim> {
    const metadata = Object.fromEntries(
      Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    );
    const head: Head = { metadata, ...(workflowId !== undefined && { workflowId }) };
    const content = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload.data ?? Buffer.alloc(0)]);
    const sha256 = hashOf(content);
    // Whoever stores the same again, another try of a publish for one, finds it there.
    if (!(await touch(fileOf(sha256)))) await writeWhole(dir, fileOf(sha256), content);
    return new StorageDriverClaim({ sha256 });
  }

  async function retrieve({ claimData }: StorageDriverClaim): Promise<Payload> {
    const sha256 = claimData['sha256'] ?? '';
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new LargeEventStoreUnavailable('A reference to a large event is damaged.');
    const file = fileOf(sha256);
    const content = await readFile(file).catch((error: unknown) => {
      const advice = 'See that this folder is the one that publishers write to.';
      throw new LargeEventStoreUnavailable(`The file ${file} of a large event cannot be read. ${advice}`, {
        cause: error,
      });
    });
    if (hashOf(content) !== sha256)
      throw new LargeEventStoreUnavailable(`The file ${file} of a large event was changed.`);
    await touch(file);
    const { metadata } = readHead(content);
    return {
      metadata: Object.fromEntries(
        Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
      ),
      data: content.subarray(content.indexOf('\n') + 1),
    };
  }

  return {
    name: 'chat-events-folder',
    type: 'chat-events.folder',
    store: async ({ target }, payloads) => {
      const claims: StorageDriverClaim[] = [];
      // One after the other: each is megabytes.
      for (const payload of payloads)
        claims.push(await store(payload, target?.kind === 'workflow' ? target.id : undefined));
      return claims;
    },
    retrieve: async (_context, claims) => {
      const payloads: Payload[] = [];
      for (const claim of claims) payloads.push(await retrieve(claim));
      return payloads;
    },
  };
}

const hashOf = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

const readHead = (content: Buffer): Head => JSON.parse(content.subarray(0, content.indexOf('\n')).toString());

/** A file is there whole, on the disk, or not at all. */
async function writeWhole(dir: string, file: string, content: Buffer): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  const handle = await open(temporary, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/** @returns false when there is no such file */
async function touch(file: string): Promise<boolean> {
  const now = new Date();
  return await utimes(file, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}
