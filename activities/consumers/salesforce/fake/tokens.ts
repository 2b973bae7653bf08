import { createVerify, randomBytes } from 'node:crypto';
import type { FakeAnswer, FakeRequest } from '../../../http/fake';
import { fillAnswer } from '../../../http/fake/fill-answer';
import { createRefreshTokens } from '../../../http/fake/refresh-tokens';
import { answers } from './answers';
import { example } from './ids';
import type { Org } from './org';

/** The client that may sign in, and its credentials. */
export interface SignInOptions {
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** The user that `jwtBearer` may sign in as. */
  readonly username?: string;
  /** Public key of the app's certificate as PEM; without it no client signs in by `jwtBearer`. */
  readonly publicKey?: string;
  /** The first one; `org.rotatesRefreshTokens` replaces it on use. */
  readonly refreshToken?: string;
}

export const defaultSignIn = {
  clientId: '3MVG9exampleConsumerKey',
  clientSecret: 'EXAMPLE0CONSUMER0SECRET0123456789',
  username: 'chat@example.com',
  refreshToken: '5Aep861exampleRefreshToken',
} as const;

const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com'];
const LONGEST_ASSERTION_S = 5 * 60;

/** The token endpoint of an organisation, and the access tokens that it has given. */
export function createTokens(options: SignInOptions, org: Org, originOf: () => string) {
  const app = { ...defaultSignIn, ...options };
  const valid = new Set<string>();
  const refreshTokens = createRefreshTokens({
    first: app.refreshToken,
    make: () => `5Aep861${randomBytes(24).toString('base64url')}`,
    isRotating: () => org.rotatesRefreshTokens,
    beforeAnswer: () => org.beforeRefresh(),
    onReuse: () => valid.clear(),
  });
  let given = 0;

  async function signIn({ method, headers, body }: FakeRequest): Promise<FakeAnswer> {
    if (method !== 'POST') return refuse('invalid_request', 'must use HTTP POST');
    if (!String(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
      return refuse('unsupported_grant_type', 'grant type not supported');
    }
    const form = new URLSearchParams(body);
    if (org.signInError !== undefined) return refuse(org.signInError, 'told to refuse');
    switch (form.get('grant_type')) {
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
        return byAssertion(form.get('assertion') ?? '') ?? succeed();
      case 'client_credentials':
        return problemOfClient(form, true) ?? succeed();
      case 'refresh_token':
        return problemOfClient(form, false) ?? (await byRefreshToken(form.get('refresh_token') ?? ''));
      default:
        return refuse('unsupported_grant_type', 'grant type not supported');
    }
  }

  function problemOfClient(form: URLSearchParams, needsSecret: boolean): FakeAnswer | undefined {
    const secret = form.get('client_secret');
    if (form.get('client_id') !== app.clientId) return refuse('invalid_client_id', 'client identifier invalid');
    if (secret === null && !needsSecret) return undefined;
    return secret === app.clientSecret ? undefined : refuse('invalid_client', 'invalid client credentials');
  }

  function byAssertion(assertion: string): FakeAnswer | undefined {
    const [header = '', claims = '', signature = ''] = assertion.split('.');
    const { iss, sub, aud, exp } = read(claims);
    const now = org.clock() / 1000;
    if (iss !== app.clientId) return refuse('invalid_client_id', 'client identifier invalid');
    const isSigned =
      app.publicKey !== undefined &&
      read(header)['alg'] === 'RS256' &&
      createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(app.publicKey, signature, 'base64url');
    if (!isSigned) return refuse('invalid_grant', 'invalid assertion');
    if (![...AUDIENCES, originOf()].includes(String(aud))) return refuse('invalid_grant', 'audience is invalid');
    if (typeof exp !== 'number' || exp <= now || exp > now + LONGEST_ASSERTION_S) {
      return refuse('invalid_grant', 'assertion is not within its validity period');
    }
    return sub === app.username ? undefined : refuse('invalid_grant', "user hasn't approved this consumer");
  }

  /** Sources: Salesforce Help, "OAuth 2.0 Refresh Token Flow", "Refresh Token Rotation"; release notes of Winter '25. */
  async function byRefreshToken(sent: string): Promise<FakeAnswer> {
    const used = await refreshTokens.use(sent);
    if (used.refused === 'being used') return refuse('invalid_grant', 'token request is already being processed');
    if (used.refused !== undefined) return refuse('invalid_grant', 'expired access/refresh token');
    return succeed(used.token === sent ? {} : { refresh_token: used.token });
  }

  function succeed({ refresh_token: refreshToken }: { readonly refresh_token?: string } = {}): FakeAnswer {
    given += 1;
    const token = `${example.organizationId.slice(0, 15)}!${randomBytes(36).toString('base64url')}`;
    valid.add(token);
    return fillAnswer(answers.accessToken, {
      token,
      refreshToken,
      signature: randomBytes(32).toString('base64'),
      scope: 'api',
      instanceUrl: org.instanceUrl ?? originOf(),
      identity: `${originOf()}/id/${example.organizationId}/${example.userId}`,
      issuedAt: String(org.clock()),
    });
  }

  return {
    app,
    signIn,
    /** Access tokens that were given. */
    given: (): number => given,
    expireAll: (): void => valid.clear(),
    /** As an administrator does. */
    revokeRefreshToken: refreshTokens.revoke,
    refreshTokens,
    /** The one that is good now; undefined: none. */
    refreshToken: refreshTokens.current,
    isValid: ({ headers }: FakeRequest): boolean =>
      !org.endless401 && valid.has(/^(?:Bearer|OAuth) (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? ''),
  };
}

const refuse = (error: string, description: string): FakeAnswer =>
  fillAnswer(answers.signInRefused, { error, description });

function read(part: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
