import { randomBytes } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../../../http/fake';
import { fillAnswer } from '../../../http/fake/fill-answer';
import { createRefreshTokens } from '../../../http/fake/refresh-tokens';
import { answers } from './answers';
import { refuseSignIn } from './filled';

export interface TokenOptions {
  /** Of the OAuth client that may sign in. */
  readonly clientSecret: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** How long an access token lasts, in seconds. Zendesk's default: 30 minutes. */
  readonly tokenLastsSeconds: number;
  /** The same of a refresh token that is not used. Zendesk's default: 30 days. */
  readonly refreshTokenLastsSeconds: number;
  /** A refresh waits for this before it is answered. */
  readonly beforeRefresh: () => Promise<void>;
}

export const EXAMPLE_CLIENT = { clientId: 'chat_events', clientSecret: 'EXAMPLE0ZENDESK0CLIENT0SECRET' } as const;
export const EXAMPLE_REFRESH_TOKEN = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';

/** The token endpoint of an account, and the tokens that it has given. Source: developer.zendesk.com, "OAuth tokens for grant types". */
export function createTokens(options: TokenOptions) {
  const { clientSecret, clock, tokenLastsSeconds, refreshTokenLastsSeconds, beforeRefresh } = options;
  /** Access tokens and their ends, in milliseconds since 1970. */
  const given = new Map<string, number>();
  /** Those that were given for a refresh token: the next refresh deletes them. */
  const refreshed = new Set<string>();
  let refreshTokenEndsAt = clock() + refreshTokenLastsSeconds * 1000;
  let signIns = 0;

  const deleteRefreshed = (): void => {
    for (const token of refreshed) given.delete(token);
    refreshed.clear();
  };
  const refreshTokens = createRefreshTokens({
    first: EXAMPLE_REFRESH_TOKEN,
    make: () => randomBytes(32).toString('hex'),
    isRotating: () => true,
    beforeAnswer: beforeRefresh,
    onReuse: deleteRefreshed, // stricter than Zendesk is known to be
  });

  async function signIn({ method, body }: FakeRequest): Promise<FakeAnswer> {
    const form = readForm(body);
    if (method !== 'POST' || form === null) return refuseSignIn('invalid_request');
    if (form['client_id'] !== EXAMPLE_CLIENT.clientId || form['client_secret'] !== clientSecret) {
      return fillAnswer(answers.unknownClient);
    }
    if (!['client_credentials', 'refresh_token'].includes(String(form['grant_type']))) {
      return refuseSignIn('unsupported_grant_type');
    }
    if (form['scope'] !== 'read write') return refuseSignIn('invalid_scope');
    if (form['grant_type'] === 'client_credentials') return fillAnswer(answers.accessToken, giveToken());
    if (clock() > refreshTokenEndsAt) refreshTokens.revoke();
    const used = await refreshTokens.use(String(form['refresh_token']));
    if (used.refused !== undefined) return refuseSignIn('invalid_grant');
    deleteRefreshed();
    refreshTokenEndsAt = clock() + refreshTokenLastsSeconds * 1000;
    const token = giveToken();
    refreshed.add(token.token);
    const refresh = { refreshToken: used.token, refreshSeconds: refreshTokenLastsSeconds };
    return fillAnswer(answers.refreshedToken, { ...token, ...refresh });
  }

  function giveToken() {
    signIns += 1;
    const fresh = randomBytes(32).toString('hex');
    given.set(fresh, clock() + tokenLastsSeconds * 1000);
    return { token: fresh, scope: 'read write', seconds: tokenLastsSeconds };
  }

  return {
    signIn,
    /** Access tokens that were given. */
    given: (): number => signIns,
    expireAll: (): void => given.clear(),
    /** The one that is good now; undefined: none. */
    refreshToken: refreshTokens.current,
    revokeRefreshToken: refreshTokens.revoke,
    refreshTokens,
    isValid: ({ headers }: FakeRequest): boolean =>
      (given.get(/^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '') ?? 0) > clock(),
  };
}

function readForm(body: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}
