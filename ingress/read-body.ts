import type { IncomingMessage } from 'node:http';
import { RequestRefused } from './problem';

/** Most bytes of bodies that are held at once, of all requests. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** Bytes that a request needs beside its body, about. */
const REQUEST_BYTES = 4 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes of bodies that requests hold, from the first byte until the answer. */
export class HeldBytes {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws RequestRefused */
  add(bytes: number): void {
    if (this.#bytes + bytes > MAX_HELD_BYTES) {
      const message = 'Nothing was published: the sidecar has as many bytes of requests as it may. Send more slowly.';
      throw new RequestRefused('PublisherBusy', message);
    }
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * The body as text.
 *
 * @param hold is told of bytes before they are kept, and may refuse them by an error
 * @throws RequestRefused
 */
export async function readBody(
  body: IncomingMessage,
  { limit, hold }: { readonly limit: number; readonly hold: (bytes: number) => void },
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const announced = Number(body.headers['content-length'] ?? 0);
  if (announced > limit) throw tooLarge(limit);
  hold(REQUEST_BYTES);
  await eachChunk(body, (chunk) => {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    hold(chunk.length);
    chunks.push(chunk);
  });
  try {
    return utf8.decode(Buffer.concat(chunks));
  } catch {
    throw new RequestRefused('InvalidRequest', 'Nothing was published: the body is not UTF-8. Send JSON in UTF-8.');
  }
}

/** Resolves at the end of the body; rejects with the error of `take`, and leaves the rest to Node, which reads past it after the answer. */
function eachChunk(body: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      try {
        take(chunk);
      } catch (error) {
        body.off('data', onData).pause();
        reject(error);
      }
    };
    body
      .on('data', onData)
      .once('end', resolve)
      .once('error', () => {}); // 'close' follows
    body.once('close', () => {
      if (body.readableEnded) return; // an error that no caller sees costs a twentieth of a small request
      // The caller has closed the connection, or too few bytes came.
      reject(new RequestRefused('InvalidRequest', 'Nothing was published: the body ended before its length.'));
    });
  });
}

const tooLarge = (limit: number): RequestRefused =>
  new RequestRefused(
    'RequestTooLarge',
    `Nothing was published: the body is larger than ${limit} bytes. Send less at once.`,
  );
