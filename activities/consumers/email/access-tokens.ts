import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { createSignIns, type SignInSession } from '../../connections/sign-in-sessions';
import type { Renewed, SignIn, SignInStore } from '../../connections/sign-in';
import type { SendRequest } from '../../consumer';
import { postForToken, readToken } from '../../http/ask-for-token';
import type { HttpAnswer } from '../../http/call';
import type { GuardedAgent } from '../../http/guard';
import { readHttpDate } from '../../http/retry-after';
import { signAssertion } from '../../http/sign-assertion';
import { saysInvalidGrant } from '../../http/token-refusal';
import type { EmailSecrets } from './account';
import type { OAuthCredentials } from './credentials';

/** Accounts whose tokens are remembered at the same time. */
const MOST_ACCOUNTS = 1_000;
const ASSERTION_SECONDS = 300;
/** A clock that is wrong by less is no reason for a refusal, in milliseconds. */
const CLOCK_MATTERS_MS = 5_000;

/**
 * Finds the access token of an account. One that was `refused` is replaced, once for all deliveries that ask meanwhile.
 *
 * @throws DeliveryFailure: ConnectionBroken when the account is refused, else one that is tried again
 */
export type FindToken = (credentials: OAuthCredentials, refused?: string) => Promise<string>;

export type AccessTokens = ReturnType<typeof createAccessTokens>;

/** The access tokens of a worker. */
export function createAccessTokens(agent: GuardedAgent) {
  const signIns = createSignIns('the token server');
  const open = (credentials: OAuthCredentials, isAlone = false): SignInSession =>
    signIns.open({
      isShared: isShared(credentials),
      isAlone,
      secrets: credentials.secrets as Record<string, string>, // without those that are undefined: a schema has read them
      signIn: (secrets) => ask(agent, credentials, secrets),
    });
  const accounts = new LRUCache<string, SignInSession, OAuthCredentials>({
    max: MOST_ACCOUNTS,
    memoMethod: (_key, _old, { context }) => open(context),
  });
  return {
    /** For a delivery. */
    of:
      (request: Pick<SendRequest, 'connectionId' | 'connectionEdition' | 'signIn'>): FindToken =>
      async (credentials, refused) => {
        const session = accounts.memo(keyOf(credentials, request), { context: credentials });
        return (await session.token(request.signIn, refused)).accessToken;
      },
    /** True, as for a check: signs in although a token is stored. */
    alone(store: SignInStore): FindToken {
      let session: SignInSession | undefined;
      return async (credentials, refused) =>
        (await (session ??= open(credentials, true)).token(store, refused)).accessToken;
    },
    settled: signIns.settled,
  };
}

/** Microsoft replaces a refresh token at each use, Google does not: all workers share the one that is stored. */
const isShared = ({ flow }: OAuthCredentials): boolean => flow === 'refreshToken';

/** A refresh token belongs to one connection; a token of the other flows serves all connections that ask for the same. */
const keyOf = (
  credentials: OAuthCredentials,
  { connectionId, connectionEdition }: Pick<SendRequest, 'connectionId' | 'connectionEdition'>,
): string =>
  isShared(credentials)
    ? `${connectionId}/${connectionEdition}`
    : createHash('sha256').update(JSON.stringify(credentials)).digest('hex');

/**
 * Sources: learn.microsoft.com "OAuth 2.0 client credentials flow", "Authenticate an IMAP, POP or SMTP connection using OAuth";
 * developers.google.com "Using OAuth 2.0 for Server to Server Applications", "OAuth 2.0 Mechanism" (Gmail).
 */
async function ask(agent: GuardedAgent, credentials: OAuthCredentials, secrets: SignIn['secrets']): Promise<Renewed> {
  let answer = await post(agent, credentials, secrets, Date.now());
  const theirTime = readHttpDate(answer.headers['date'] ?? '');
  const isClockWrong = theirTime !== undefined && Math.abs(theirTime - Date.now()) > CLOCK_MATTERS_MS;
  if (credentials.flow === 'jwtBearer' && isClockWrong && saysInvalidGrant(answer)) {
    answer = await post(agent, credentials, secrets, theirTime);
  }
  return readToken(answer);
}

/** @param now milliseconds since 1970 */
const post = (
  agent: GuardedAgent,
  credentials: OAuthCredentials,
  secrets: EmailSecrets,
  now: number,
): Promise<HttpAnswer> => postForToken(agent, credentials.tokenUrl, formOf(credentials, secrets, now));

function formOf(
  { flow, user, clientId, tokenUrl, scope }: OAuthCredentials,
  { clientSecret, privateKey = '', refreshToken = '' }: EmailSecrets, // those that the flow needs are there
  now: number,
): Record<string, string> {
  const scoped = scope === undefined ? {} : { scope };
  const client = { client_id: clientId, ...(clientSecret !== undefined && { client_secret: clientSecret }), ...scoped };
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
