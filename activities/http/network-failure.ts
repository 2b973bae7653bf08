import { errors } from 'undici';
import { DeliveryFailure } from '../failures';
import { forbidden, ForbiddenAddress } from './guard';
import { readRetryAfter } from './retry-after';

/** The beginning of an answer whose rest did not come. */
export interface AnswerHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** undici's errors that say that no whole answer came, or none that is HTTP. */
export const noWholeAnswer = [
  errors.BodyTimeoutError,
  errors.ClientClosedError,
  errors.ClientDestroyedError,
  errors.ConnectTimeoutError,
  errors.HTTPParserError,
  errors.HeadersOverflowError,
  errors.HeadersTimeoutError,
  errors.InformationalError,
  errors.RequestAbortedError,
  errors.ResponseContentLengthMismatchError,
  errors.ResponseExceededMaxSizeError,
  errors.SecureProxyConnectionError,
  errors.SocketError,
] as const;

/** Codes of look-ups that were not tried: the site has too many, or the requests that waited have ended. */
export const LOOK_UPS_NOT_TRIED: readonly string[] = ['TOO_MANY_LOOK_UPS', 'ECANCELLED'];
/** Node's codes for a call that cannot be made at all; other codes are of the system, TLS or OpenSSL. */
const MISTAKES = /^ERR_(?:INVALID|MISSING|OUT_OF_RANGE|ASSERTION|HTTP_INVALID)/;

/** The error to throw for an error of a request. @param head when the status has come, but not the whole answer */
export function networkFailure(error: unknown, destination: string, signal: AbortSignal, head?: AnswerHead): unknown {
  if (error instanceof DeliveryFailure || signal.aborted) return error;
  const { cause } = error as { cause?: unknown };
  const reason = cause instanceof ForbiddenAddress ? cause : error;
  if (reason instanceof ForbiddenAddress) return forbidden(destination, reason);
  const code = codeOf(error);
  if (code === undefined) return error;
  if (LOOK_UPS_NOT_TRIED.includes(code)) {
    const message = `${destination} was not asked: its host was not looked up (${code}); it is tried again.`;
    return new DeliveryFailure('Unavailable', message, { details: { code }, ours: true, cause: error });
  }
  return head === undefined
    ? unavailable(`${destination} cannot be reached (${code})`, code, error)
    : unavailable(`${destination} answers ${head.status}, but not to the end (${code})`, code, error, head);
}

/** The failure when no whole answer has come. */
export function unavailable(what: string, code: string, cause: unknown, head?: AnswerHead): DeliveryFailure {
  return new DeliveryFailure(head?.status === 429 ? 'RateLimited' : 'Unavailable', `${what}; it is tried again.`, {
    details: { ...(head && { status: head.status }), code },
    retryAfterMs: head && readRetryAfter(head.headers),
    cause,
  });
}

/** Undefined for an error that says nothing about the destination, such as a mistake in our code. */
function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  if (noWholeAnswer.some((kind) => error instanceof kind)) return typeof code === 'string' ? code : 'NO_HTTP';
  if (error instanceof errors.UndiciError || typeof code !== 'string') return undefined;
  return MISTAKES.test(code) ? undefined : code;
}
