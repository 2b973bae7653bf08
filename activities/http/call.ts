import { once } from 'node:events';
import { request as send, type Dispatcher } from 'undici';
import { DeliveryFailure } from '../failures';
import { ForbiddenAddress, type GuardedAgent } from './guard';

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  readonly signal: AbortSignal;
  /** Longest time until the whole answer is there, in milliseconds. Default: 15,000. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type HttpOptions = Omit<Dispatcher.RequestOptions, 'origin' | 'path'> & { readonly signal: AbortSignal };

/**
 * undici's request, which ends with its signal also while it is not connected yet; the look-up of its host then ends with the last
 * send that waits for it.
 */
export async function sendHttp(
  agent: GuardedAgent,
  url: string,
  options: HttpOptions,
): Promise<Dispatcher.ResponseData> {
  const { signal } = options;
  const leave = agent.resolver.hold(new URL(url).hostname);
  const settled = new AbortController();
  try {
    const aborted = once(signal, 'abort', { signal: settled.signal }).then((): never => {
      throw signal.reason;
    });
    return await Promise.race([send(url, { ...options, dispatcher: agent }), aborted]);
  } finally {
    settled.abort();
    leave();
  }
}

/**
 * Sends a request and reads the whole answer, whatever its status. Redirects are answers like any other; nothing is sent twice.
 *
 * @param destination whom a failure is about, as people call it: "Salesforce"
 * @throws DeliveryFailure: Unavailable when no whole answer came, InvalidConfig when the address must not be called; the
 *   signal's reason when that was aborted
 */
export async function callHttp(
  agent: GuardedAgent,
  destination: string,
  { url, signal, timeoutMs = 15_000, ...request }: HttpRequest,
): Promise<HttpAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const both = AbortSignal.any([signal, timeout]);
    const answer = await sendHttp(agent, url, { ...request, body: request.body ?? null, signal: both });
    const body = await answer.body.text();
    return { status: answer.statusCode, headers: textHeaders(answer.headers), body };
  } catch (error) {
    if (!timeout.aborted || signal.aborted) throw networkFailure(error, destination, signal);
    const message = `${destination} does not answer within ${timeoutMs / 1000} s; it is tried again.`;
    throw new DeliveryFailure('Unavailable', message, { details: { code: 'TIMEOUT' }, cause: error });
  }
}

/** What is to be thrown for an error that undici threw. */
export function networkFailure(error: unknown, destination: string, signal: AbortSignal): unknown {
  if (error instanceof DeliveryFailure || signal.aborted) return error;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  const reason = cause instanceof ForbiddenAddress ? cause : error;
  if (reason instanceof ForbiddenAddress) {
    return new DeliveryFailure(
      'InvalidConfig',
      `${destination} is not called: ${reason.message} Correct its address, or allow it by ALLOWED_ADDRESSES.`,
      {
        details: { code: reason.code },
      },
    );
  }
  if (typeof code !== 'string') return error;
  if (OURS.includes(code)) {
    const message = `${destination} was not asked: its host was not looked up (${code}); it is tried again.`;
    return new DeliveryFailure('Unavailable', message, { details: { code }, ours: true, cause: error });
  }
  return new DeliveryFailure('Unavailable', `${destination} cannot be reached (${code}); it is tried again.`, {
    details: { code },
    cause: error,
  });
}

/** Look-ups that were not tried, for reasons of ours: the site has too many, or the sends that waited for it have ended. */
const OURS = ['TOO_MANY_LOOK_UPS', 'ECANCELLED'];

const LONGEST_RETRY_AFTER_MS = 24 * 3600_000;

/** Retry-After in seconds or as an HTTP date, as milliseconds from now, a day at most; undefined when it says neither. */
export function readRetryAfter(value: string | string[] | undefined): number | undefined {
  const [text] = [value].flat();
  if (text === undefined) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}

const textHeaders = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(', ')]],
    ),
  );
