import { once } from 'node:events';
import { Readable } from 'node:stream';
import { request as send, type Dispatcher } from 'undici';
import type { GuardedAgent } from './guard';
import { networkFailure, unavailable, type AnswerHead } from './network-failure';
import { ENDED } from '../ended';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  readonly signal: AbortSignal;
  /** Longest time until the whole answer is there, in milliseconds. Default: 15,000. */
  readonly timeoutMs?: number;
  /** Longest answer that is read, in bytes. Default: 1 MiB. */
  readonly maxBytes?: number;
  /** Awaited when it is connected, before the first byte is written: only from then on the request may have an effect. */
  readonly onSend?: () => Promise<void>;
  /** True where the status says all: the rest of the answer is not awaited, and `body` is empty. Default: never. */
  readonly isEnough?: (status: number) => boolean;
}

export interface HttpAnswer extends AnswerHead {
  readonly body: string;
}

type HttpOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { readonly signal: AbortSignal };

/**
 * undici's request, which its signal ends also before it is connected. The look-up of a host ends with the last request that waits
 * for it.
 */
export async function sendHttp(
  agent: GuardedAgent,
  url: string,
  options: HttpOptions,
): Promise<Dispatcher.ResponseData> {
  const signal = AbortSignal.any([options.signal]); // a signal of its own: each request adds a listener, and the caller's may serve many requests
  const leave = agent.resolver.hold(new URL(url).hostname);
  const settled = new AbortController();
  try {
    const aborted = once(signal, 'abort', { signal: settled.signal }).then((): never => {
      throw signal.reason;
    });
    return await Promise.race([send(url, { ...options, signal, dispatcher: agent }), aborted]);
  } finally {
    settled.abort(ENDED);
    leave();
  }
}

/** Most answers take a few kilobytes. */
const MOST_BYTES = 1024 * 1024;
const REST_WITHIN_MS = 1_000;

/**
 * Sends a request once and reads the whole answer of any status; a redirect is not followed.
 *
 * @param destination its name in the messages of failures, such as "Salesforce"
 * @throws DeliveryFailure: Unavailable when no whole answer came within its bounds (RateLimited where its status is 429),
 *   InvalidConfig when the address must not be called; the error of `onSend`; the signal's reason when that was aborted
 */
export async function callHttp(
  agent: GuardedAgent,
  destination: string,
  { url, signal, timeoutMs = 15_000, maxBytes = MOST_BYTES, onSend, isEnough, ...request }: HttpRequest,
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let head: AnswerHead | undefined;
  try {
    const both = AbortSignal.any([signal, timeout]);
    const answer = await sendHttp(agent, url, { ...request, ...bodyOf(request, onSend), signal: both });
    head = { status: answer.statusCode, headers: textHeaders(answer.headers) };
    if (isEnough?.(head.status) === true) {
      dropRest(answer);
      return { ...head, body: '' };
    }
    const body = await readText(answer.body, maxBytes);
    if (body !== undefined) {
      agent.onAnswer?.({ method: request.method, url, ...head, body });
      return { ...head, body };
    }
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw networkFailure(error, destination, signal, head);
    throw unavailable(`${destination} does not answer within ${timeoutMs / 1000} s`, 'TIMEOUT', error, head);
  }
  throw unavailable(`${destination} answers more than ${maxBytes} bytes`, 'ANSWER_TOO_LARGE', undefined, head);
}

/** The rest of an answer is not awaited. Reading a short one keeps the connection open for the next request. */
export function dropRest({ body }: Dispatcher.ResponseData): void {
  body.dump({ limit: 16_384, signal: AbortSignal.timeout(REST_WITHIN_MS) }).catch(() => {});
}

/** undici begins to read a stream when it is connected. */
function bodyOf({ body, headers }: Pick<HttpRequest, 'body' | 'headers'>, onSend: HttpRequest['onSend']) {
  if (body === undefined || onSend === undefined) return { body: body ?? null };
  async function* chunks() {
    await onSend?.();
    yield body;
  }
  const length = String(Buffer.byteLength(body));
  return { body: Readable.from(chunks(), { objectMode: false }), headers: { ...headers, 'content-length': length } };
}

/** @returns undefined when the answer is longer than may be read; its rest is not awaited */
async function readText(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const textHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
