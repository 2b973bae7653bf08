import { createHash } from 'node:crypto';

/** Thrown when the store of large events, or a content in it, cannot be used; the message says what to do. */
export class ContentStoreError extends Error {
  override readonly name = 'ContentStoreError';
}

/** Only a worker makes it: a publisher that does not find it looks at another store than the workers do. */
export const MARKER = 'shared-with-workers';

/** A store that does not answer must not hold up a publish or a workflow for longer. */
export const ANSWERS_WITHIN_MS = 30_000;

/** Of a content: its SHA-256. */
export const NAME = /^[0-9a-f]{64}$/;

/**
 * Contents by their SHA-256, shared by several processes. A content is there whole, or not at all; the same content is there once, however
 * often it is put.
 */
export interface ContentStore {
  /**
   * Makes the folder or the marker if it is missing, writes a content and reads it back.
   *
   * @throws ContentStoreError
   */
  prepare(): Promise<void>;
  /**
   * @param parts the content, in pieces
   * @returns its name
   * @throws ContentStoreError
   */
  put(parts: readonly Uint8Array[]): Promise<string>;
  /** @throws ContentStoreError when it is gone, was changed, or cannot be read */
  get(name: string): Promise<Buffer>;
  /** The first bytes of a content that may be large. */
  head(name: string, bytes: number): Promise<Buffer>;
  /**
   * Names of contents that no process put, got or touched since `before` (milliseconds since 1970), from a random place on.
   *
   * @param until point in time by `performance.now()` at which it stops
   */
  listOld(before: number, until: number): AsyncIterable<string>;
  /** Keeps a content from being old; false when there is none. */
  touch(name: string): Promise<boolean>;
  /** Removes a content unless it was used since `before`; false when it stays, or another process was faster. */
  remove(name: string, before: number): Promise<boolean>;
}

export function hashOf(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}
