import { randomBytes, randomUUID } from 'node:crypto';
import { atMost } from './at-most';
import { ANSWERS_WITHIN_MS, ContentStoreError, hashOf, MARKER, NAME, type ContentStore } from './content-store';
import { explainS3, openS3, unlessMissing, type Aborted, type At, type S3 } from './open-s3';

/** True where the store is a bucket: `s3://bucket` or `s3://bucket/prefix`. */
export const isBucket = (where: string): boolean => where.startsWith('s3://');

/** A content that is used is written again, which makes it new, only when it is older: it would be a request more for each use. */
const FRESH_MS = 12 * 3_600_000;

/** Objects in one answer. */
const PAGE = 1_000;

/**
 * A bucket of S3, or of a server with the same interface, as the store. Region, credentials and the address of another server are those that
 * the SDK of AWS finds (AWS_REGION, AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL_S3, profiles, the role of the machine). It repeats calls that fail for
 * now, three times in all.
 */
export class ContentBucket implements ContentStore {
  readonly #where: string;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #answersWithinMs: number;
  #s3: Promise<S3> | undefined;
  #hasMarker = false;

  constructor(where: string, answersWithinMs = ANSWERS_WITHIN_MS) {
    const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(where) ?? [];
    this.#where = where;
    this.#bucket = bucket;
    this.#prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
    this.#answersWithinMs = answersWithinMs;
  }

  async prepare(): Promise<void> {
    await this.#try(async (s3, signal) => {
      await s3.putObject({ ...this.#at(MARKER), Body: 'probe' }, signal);
      const { Body } = await s3.getObject(this.#at(MARKER), signal);
      if ((await Body?.transformToString()) !== 'probe')
        throw new Error('the bucket gives back other bytes than those that were written');
    });
    this.#hasMarker = true;
  }

  /**
   * Writes, reads, lists and removes an object, as a worker has to.
   *
   * @throws ContentStoreError
   */
  async tryOut(): Promise<void> {
    const probe = this.#at(`probe.${randomUUID()}`);
    await this.#try(async (s3, signal) => {
      await s3.putObject({ ...probe, Body: 'probe' }, signal);
      await s3.getObject({ ...probe, Range: 'bytes=0-0' }, signal);
      await s3.listObjectsV2({ Bucket: this.#bucket, Prefix: probe.Key }, signal);
      await s3.deleteObject(probe, signal);
    });
  }

  async put(parts: readonly Uint8Array[]): Promise<string> {
    const name = hashOf(parts);
    const body = Buffer.concat(parts);
    await this.#try(async (s3, signal) => {
      const found = await s3.headObject(this.#at(name), signal).catch(unlessMissing);
      // Another try of a publish, for one, finds it there.
      if (found?.ContentLength === body.length && isFresh(found.LastModified)) return;
      if (!this.#hasMarker) await this.#findMarker(s3, signal);
      await s3.putObject({ ...this.#at(name), Body: body }, signal);
    });
    return name;
  }

  async get(name: string): Promise<Buffer> {
    if (!NAME.test(name)) throw new ContentStoreError('A reference to a large event is damaged: it names no object.');
    const object = `The object ${this.#at(name).Key} of a large event in the bucket ${this.#bucket}`;
    const found = await this.#read(name);
    if (found === undefined) {
      const advice = 'See that bucket and prefix are those that the publishers write to; else bring the object back.';
      throw new ContentStoreError(`${object} is gone. ${advice}`);
    }
    if (hashOf([found.content]) !== name) {
      throw new ContentStoreError(`${object} was changed. Bring it back as it was, or publish the event again.`);
    }
    if (!isFresh(found.at)) await this.#write(name, found.content).catch(() => {}); // this user may read only
    return found.content;
  }

  async head(name: string, bytes: number): Promise<Buffer> {
    return await this.#try(async (s3, signal) => {
      const { Body } = await s3.getObject({ ...this.#at(name), Range: `bytes=0-${bytes - 1}` }, signal);
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  }

  async *listOld(before: number, until: number): AsyncGenerator<string> {
    const first = `${this.#prefix}${randomBytes(32).toString('hex')}`;
    yield* this.#list(before, until, first);
    yield* this.#list(before, until, undefined, first);
  }

  async touch(name: string): Promise<boolean> {
    const found = await this.#read(name);
    if (found !== undefined) await this.#write(name, found.content);
    return found !== undefined;
  }

  async remove(name: string, before: number): Promise<boolean> {
    return await this.#try(async (s3, signal) => {
      // Asked once more right before: between the two a put would have to find a content that is days old.
      const found = await s3.headObject(this.#at(name), signal).catch(unlessMissing);
      if (found?.LastModified === undefined || found.LastModified.getTime() > before) return false;
      await s3.deleteObject(this.#at(name), signal);
      return true;
    });
  }

  /** Undefined where there is none. */
  async #read(name: string): Promise<{ readonly at: Date | undefined; readonly content: Buffer } | undefined> {
    return await this.#try(async (s3, signal) => {
      const answer = await s3.getObject(this.#at(name), signal).catch(unlessMissing);
      if (answer === undefined) return undefined;
      return { at: answer.LastModified, content: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
    });
  }

  async #write(name: string, content: Uint8Array): Promise<void> {
    await this.#try((s3, signal) => s3.putObject({ ...this.#at(name), Body: content }, signal));
  }

  /** From one key on, or to one. */
  async *#list(before: number, until: number, first?: string, last?: string): AsyncGenerator<string> {
    for (let from = first; ;) {
      const request = {
        Bucket: this.#bucket,
        Prefix: this.#prefix,
        MaxKeys: PAGE,
        ...(from !== undefined && { StartAfter: from }),
      };
      const { Contents: page = [], IsTruncated: isMore } = await this.#try((s3, signal) =>
        s3.listObjectsV2(request, signal),
      );
      for (const { Key: key = '', LastModified: at } of page) {
        if (performance.now() > until || (last !== undefined && key > last)) return;
        const name = key.slice(this.#prefix.length);
        if (NAME.test(name) && at !== undefined && at.getTime() <= before) yield name;
      }
      from = page.at(-1)?.Key;
      if (isMore !== true || from === undefined) return;
    }
  }

  #at(name: string): At {
    return { Bucket: this.#bucket, Key: `${this.#prefix}${name}` };
  }

  async #findMarker(s3: S3, signal: Aborted): Promise<void> {
    if ((await s3.headObject(this.#at(MARKER), signal).catch(unlessMissing)) === undefined) {
      const remedy = 'Correct bucket and prefix, or start a worker with them as LARGE_EVENTS_DIR, which prepares them.';
      throw new ContentStoreError(
        `The store of large events, ${this.#where}, cannot be used: no worker uses it. ${remedy}`,
      );
    }
    this.#hasMarker = true;
  }

  /** @throws ContentStoreError */
  async #try<T>(work: (s3: S3, signal: Aborted) => Promise<T>): Promise<T> {
    try {
      this.#s3 ??= openS3();
      const working = this.#s3.then((s3) => work(s3, { abortSignal: AbortSignal.timeout(this.#answersWithinMs) }));
      if (await atMost(this.#answersWithinMs, working)) return await working;
      working.catch(() => {}); // it is aborted
      throw new Error(`it does not answer within ${this.#answersWithinMs / 1000} s`);
    } catch (error) {
      if (error instanceof ContentStoreError) throw error;
      const { reason, advice } = explainS3(error);
      const start = `The store of large events, ${this.#where}, cannot be used`;
      throw new ContentStoreError(`${start}: ${reason}. ${advice}`, { cause: error });
    }
  }
}

const isFresh = (at: Date | undefined): boolean => at !== undefined && Date.now() - at.getTime() < FRESH_MS;
