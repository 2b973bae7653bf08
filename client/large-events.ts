import type { Payload } from '@temporalio/common';
import { ExternalStorage, StorageDriverClaim, type StorageDriver } from '@temporalio/common/lib/converter/extstore';
import { ContentBucket, isBucket } from './content-bucket';
import { ContentFolder } from './content-folder';
import type { ContentStore } from './content-store';

/** Payloads beyond it leave Temporal for the store; Temporal itself takes 2 MiB at most. */
export const THRESHOLD_BYTES = 256 * 1024;

/** Where large payloads are: a folder that every publisher and every worker sees, or a bucket. */
export interface LargeEventStore {
  /** For `dataConverter: { externalStorage }` of a client or a worker. */
  readonly externalStorage: ExternalStorage;
  /**
   * Called by a worker before it takes work: makes the folder or the marker if it is missing, writes a content and reads it back.
   *
   * @throws ContentStoreError
   */
  prepare(): Promise<void>;
  /**
   * Removes files that were not used for `olderThanMs` and that no run needs; files that a run may need stay.
   *
   * @param until point in time by `performance.now()` at which it stops; another round goes on elsewhere
   * @returns how many were removed, and whether it has looked at all
   */
  removeOld(options: {
    readonly olderThanMs: number;
    readonly until: number;
    /** Asked once per file that is old enough: whether a run of this id, on any cluster whose workers use the store, may need it. */
    readonly isNeeded: (workflowId: string) => Promise<boolean>;
  }): Promise<{ removed: number; done: boolean }>;
  /** Removes files by their names, whether they are old or not; those that are gone are left out. */
  readonly removeFiles: (names: readonly string[]) => Promise<void>;
}

/**
 * Opens the store; it connects when it is first used.
 *
 * @param where path of a folder, or `s3://bucket/prefix`
 */
export function openLargeEventStore(where: string): LargeEventStore {
  const contents = isBucket(where) ? new ContentBucket(where) : new ContentFolder(where);
  return {
    externalStorage: new ExternalStorage({ drivers: [driverOf(contents)], payloadSizeThreshold: THRESHOLD_BYTES }),
    prepare: () => contents.prepare(),
    async removeOld({ olderThanMs, until, isNeeded }) {
      const before = Date.now() - olderThanMs;
      let removed = 0;
      for await (const name of contents.listOld(before, until)) {
        const head = await contents.head(name, HEAD_BYTES).catch(() => undefined);
        if (head === undefined) continue; // gone by now, or its store does not answer: a run may need it
        const workflowId = ownerOf(head);
        if (workflowId !== undefined && (await isNeeded(workflowId))) await contents.touch(name);
        else if (await contents.remove(name, before)) removed += 1;
      }
      return { removed, done: performance.now() <= until };
    },
    async removeFiles(names) {
      for (const name of names) await contents.remove(name, Date.now() + FUTURE_MS);
    },
  };
}

/** Beyond the clock of any store: a file that was used a moment ago is removed, too. */
const FUTURE_MS = 86_400_000;

/** The head before a payload's bytes, as one line of JSON. */
interface Head {
  /** Of the payload, each as base64. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Part of the content, so that workflows with the same input have a file each. */
  readonly workflowId?: string | undefined;
}

/** More than any head has. */
const HEAD_BYTES = 64 * 1024;

/** The run that a file belongs to; undefined for a file of a writer that died. */
function ownerOf(head: Buffer): string | undefined {
  try {
    return readHead(head).workflowId;
  } catch {
    return undefined;
  }
}

function driverOf(contents: ContentStore): StorageDriver {
  async function store({ metadata, data }: Payload, workflowId: string | undefined): Promise<StorageDriverClaim> {
    const texts = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
    const head: Head = { metadata: Object.fromEntries(texts), workflowId };
    return new StorageDriverClaim({
      sha256: await contents.put([Buffer.from(`${JSON.stringify(head)}\n`), data ?? new Uint8Array()]),
    });
  }

  async function retrieve({ claimData }: StorageDriverClaim): Promise<Payload> {
    const content = await contents.get(claimData['sha256'] ?? '');
    const texts = Object.entries(readHead(content).metadata);
    return {
      metadata: Object.fromEntries(texts.map(([name, value]) => [name, Buffer.from(value, 'base64')])),
      data: content.subarray(content.indexOf('\n') + 1),
    };
  }

  return {
    // In the references of histories, for a bucket as well: so files may be copied from a folder into a bucket.
    name: 'chat-events-folder',
    type: 'chat-events.folder',
    store: ({ target }, payloads) =>
      oneByOne(payloads, (payload) => store(payload, target?.kind === 'workflow' ? target.id : undefined)),
    retrieve: (_context, claims) => oneByOne(claims, retrieve),
  };
}

const readHead = (content: Buffer): Head => JSON.parse(content.subarray(0, content.indexOf('\n')).toString());

/** Each is megabytes. */
async function oneByOne<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}
