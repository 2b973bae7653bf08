import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createRecent } from '../../connections/recent';
import { createSharedToken, renewedAfterMs } from '../../connections/shared-token';
import { DeliveryFailure } from '../../failures';
import { callHttp, type HttpAnswer } from '../../http/call';
import type { GuardedAgent } from '../../http/guard';
import { parseJson } from '../../http/parse-json';
import { readHttpDate } from '../../http/retry-after';
import { signAssertion } from '../../http/sign-assertion';
import type { OAuthCredentials } from './credentials';
import { saysInvalidGrant, tokenRefusal } from './token-refusal';

/** Accounts whose tokens are remembered at the same time. */
const MOST_ACCOUNTS = 1_000;
const ASSERTION_SECONDS = 300;
/** A clock that is wrong by less is no reason for a refusal, in milliseconds. */
const CLOCK_MATTERS_MS = 5_000;

/** The access tokens of a worker, by what they are asked for with. */
export interface AccessTokens {
  /**
   * A token that was `refused` is replaced, once for all who ask meanwhile.
   *
   * @throws DeliveryFailure: ConnectionBroken when the account is refused, else what passes
   */
  find(credentials: OAuthCredentials, refused?: string): Promise<string>;
}

export function createAccessTokens(agent: GuardedAgent): AccessTokens {
  const accounts = createRecent<ReturnType<typeof remember>>(MOST_ACCOUNTS);
  return {
    find: (credentials, refused) =>
      accounts.of(digestOf(credentials), () => remember(() => ask(agent, credentials)))(refused),
  };
}

const digestOf = (credentials: OAuthCredentials): string =>
  createHash('sha256').update(JSON.stringify(credentials)).digest('hex');

interface Token {
  readonly text: string;
  /** By this process's monotonic clock, in milliseconds. */
  readonly endsAt: number;
}

/** The last token that was given, until shortly before its end. */
function remember(request: () => Promise<Token>) {
  const shared = createSharedToken<Token>();
  let known: Token | undefined;
  return async (refused?: string): Promise<string> => {
    if (known !== undefined && (known.text === refused || performance.now() > known.endsAt)) {
      known = undefined;
      shared.drop();
    }
    known = await shared.find(request);
    return known.text;
  };
}

const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,16000}$/),
  expires_in: z.coerce.number().positive().nullish(),
});

/**
 * Sources: learn.microsoft.com "OAuth 2.0 client credentials flow", "Authenticate an IMAP, POP or SMTP connection using OAuth";
 * developers.google.com "Using OAuth 2.0 for Server to Server Applications", "OAuth 2.0 Mechanism" (Gmail).
 */
async function ask(agent: GuardedAgent, credentials: OAuthCredentials): Promise<Token> {
  let answer = await post(agent, credentials, Date.now());
  const theirTime = readHttpDate(answer.headers['date'] ?? '');
  const isClockWrong = theirTime !== undefined && Math.abs(theirTime - Date.now()) > CLOCK_MATTERS_MS;
  if (credentials.flow === 'jwtBearer' && isClockWrong && saysInvalidGrant(answer)) {
    answer = await post(agent, credentials, theirTime);
  }
  if (answer.status < 200 || answer.status >= 300) throw tokenRefusal(answer);
  const { success, data } = tokenAnswer.safeParse(parseJson(answer.body));
  if (!success) {
    const message = 'The token server answers with no token; it is tried again.';
    throw new DeliveryFailure('Unavailable', message, { details: { status: answer.status, code: 'MALFORMED' } });
  }
  const endsAt = performance.now() + renewedAfterMs((data.expires_in ?? Infinity) * 1000);
  return { text: data.access_token, endsAt };
}

/** @param now milliseconds since 1970 */
const post = (agent: GuardedAgent, credentials: OAuthCredentials, now: number): Promise<HttpAnswer> =>
  callHttp(agent, 'The token server', {
    method: 'POST',
    url: credentials.tokenUrl,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': 'chat-events',
    },
    body: new URLSearchParams(formOf(credentials, now)).toString(),
    signal: new AbortController().signal, // not the delivery's: others wait for this token, too
  });

function formOf(
  { flow, user, clientId, tokenUrl, scope, secrets }: OAuthCredentials,
  now: number,
): Record<string, string> {
  const { clientSecret = '', privateKey = '', refreshToken = '' } = secrets; // those of the flow are there
  const scoped = scope === undefined ? {} : { scope };
  const client = { client_id: clientId, client_secret: clientSecret, ...scoped };
  switch (flow) {
    case 'clientCredentials':
      return { grant_type: 'client_credentials', ...client };
    case 'refreshToken':
      return { grant_type: 'refresh_token', refresh_token: refreshToken, ...client };
    case 'jwtBearer': {
      const iat = Math.floor(now / 1000);
      const claims = { iss: clientId, sub: user, aud: tokenUrl, iat, exp: iat + ASSERTION_SECONDS, ...scoped };
      const assertion = signAssertion(claims, privateKey);
      return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
    }
  }
}
