import { z } from 'zod';
import type { Renewed } from '../connections/sign-in';
import { DeliveryFailure } from '../failures';
import { callHttp, type HttpAnswer } from './call';
import type { GuardedAgent } from './guard';
import { parseJson } from './parse-json';
import { tokenRefusal } from './token-refusal';

/** A token of any server: Microsoft's have more than a kilobyte. */
export const longToken = z.string().regex(/^[\x21-\x7e]{1,16000}$/, { error: 'expected it without spaces' });

/** Asks a token server (RFC 6749) once; its answer may be a refusal. Not with a delivery's signal: others wait for this token, too. */
export const postForToken = (
  agent: GuardedAgent,
  url: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer> =>
  callHttp(agent, 'The token server', {
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'chat-events',
      ...headers,
    },
    body: new URLSearchParams(form).toString(),
    signal: new AbortController().signal,
  });

const tokenAnswer = z.object({
  access_token: longToken,
  expires_in: z.coerce.number().positive().nullish(),
  /** One that cannot be read must not hide the access token beside it. */
  refresh_token: longToken.nullish().catch(null),
});

/** @throws DeliveryFailure for an answer without a token */
export function readToken(answer: HttpAnswer): Renewed {
  if (answer.status < 200 || answer.status >= 300) throw tokenRefusal(answer);
  const { success, data } = tokenAnswer.safeParse(parseJson(answer.body));
  if (!success) {
    const message = 'The token server answers without a token; it is tried again.';
    throw new DeliveryFailure('Unavailable', message, { details: { status: answer.status, code: 'MALFORMED' } });
  }
  const { access_token: accessToken, expires_in: seconds, refresh_token: refreshToken } = data;
  return {
    token: { accessToken },
    lastsMs: seconds ? seconds * 1000 : null,
    refreshToken: refreshToken ?? undefined,
    refreshLastsMs: null,
  };
}
