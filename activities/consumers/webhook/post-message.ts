import { DeliveryFailure, type FailureType } from '../../failures';
import { dropRest, sendHttp } from '../../http/call';
import type { GuardedAgent } from '../../http/guard';
import { networkFailure } from '../../http/network-failure';
import { readRetryAfter } from '../../http/retry-after';
import { signedHeaders } from './sign';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** The address of a message, and the secret that signs it. */
interface Target {
  readonly config: { readonly url: string };
  readonly secrets: { readonly secret: string; readonly previousSecret?: string | undefined };
}

/** @returns the status, which is a 2xx. @throws DeliveryFailure */
export async function postSigned(
  agent: GuardedAgent,
  { config, secrets: { secret: current, previousSecret } }: Target,
  { id, body, signal }: Message,
  more: Readonly<Record<string, string>>,
): Promise<number> {
  const secrets = previousSecret === undefined ? [current] : [current, previousSecret];
  const headers = {
    ...more,
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'chat-events',
    ...signedHeaders(id, new Date(), body, secrets),
  };
  try {
    const answer = await sendHttp(agent, config.url, {
      method: 'POST',
      headers,
      body,
      signal,
    });
    dropRest(answer); // only the status counts
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer.statusCode;
    throw refusal(answer.statusCode, readRetryAfter(answer.headers));
  } catch (error) {
    throw networkFailure(error, 'The endpoint', signal);
  }
}

export interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

/** The failure for an answer that is no success. */
export const byStatus: Readonly<Record<number, Verdict>> = {
  410: { type: 'ConnectionBroken', advice: 'it wants no more; mend or remove the connection' },
  413: { type: 'Rejected', advice: 'the event is too large for it; raise its limit, then send it again' },
  429: { type: 'RateLimited', advice: 'it is asked again later' },
};
export const redirect: Verdict = { type: 'Unavailable', advice: 'redirects are not followed; correct the address' };
/** All other statuses are tried again: a receiver that is being deployed may answer anything. */
export const other: Verdict = { type: 'Unavailable', advice: 'it is tried again' };

export const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;

function refusal(status: number, retryAfterMs: number | undefined): DeliveryFailure {
  const isRedirect = status >= 300 && status < 400;
  const { type, advice } = byStatus[status] ?? (isRedirect ? redirect : other);
  return new DeliveryFailure(type, `The endpoint answers ${status}: ${advice}.`, {
    details: { status },
    retryAfterMs,
  });
}
