import { createVerify, randomBytes, type KeyObject } from 'node:crypto';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../../../http/fake';
import { createRefreshTokens } from '../../../http/fake/refresh-tokens';
import type { TokenCheck } from '../fake';

/** The state of one client at a token server of Microsoft or Google; a test changes it as an administrator does. */
export interface Client {
  id: string;
  secret?: string;
  /** Of the service account. */
  publicKey?: KeyObject;
  refreshToken?: string;
  /** Each use replaces the refresh token, and an old one that comes back ends its successors: stricter than Microsoft. */
  rotatesRefreshTokens?: boolean;
  /** A use of a refresh token is answered when this has resolved. */
  beforeRefresh?: () => Promise<void>;
  /** Mailboxes that it may send as. */
  mailboxes: string[];
  /** Removed by an administrator. */
  isRevoked?: boolean;
  lastsSeconds?: number;
  /** How far the server's clock is ahead, in milliseconds. */
  clockAheadMs?: number;
}

export const TENANT = '8f5e1c9a-0000-4000-8000-000000000001';
const SCOPES = { microsoft: 'https://outlook.office365.com/.default', google: 'https://mail.google.com/' };
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const EXPIRES_SECONDS = 3_599;

type Refusal = FakeAnswer | undefined;

interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string;
  readonly scope?: string;
  readonly iat?: number;
  readonly exp?: number;
}

/**
 * A token server on 127.0.0.1 that answers as Entra (with a tenant in its path) or Google (without) do, by one client's state. It
 * keeps which tokens hold, and for which mailboxes: an SMTP server asks it.
 */
export async function startTokenServer(client: Client) {
  /** By token: whose mailbox it is for; null: any of the client's. */
  const tokens = new Map<string, string | null>();
  const requests: URLSearchParams[] = [];
  let given = 0;
  const now = (): number => Date.now() + (client.clockAheadMs ?? 0);
  const json = (status: number, body: object): FakeAnswer => ({
    status,
    headers: { 'content-type': 'application/json', date: new Date(now()).toUTCString() },
    body: JSON.stringify(body),
  });
  const google = (status: number, error: string, why: string): FakeAnswer =>
    json(status, { error, error_description: why });
  const microsoft = (status: number, error: string, number: number): FakeAnswer =>
    json(status, { error, error_description: `AADSTS${number}: of ${client.id}.`, error_codes: [number] });

  const refreshTokens = createRefreshTokens({
    first: client.refreshToken ?? '',
    make: () => randomBytes(32).toString('base64url'),
    isRotating: () => client.rotatesRefreshTokens === true,
    beforeAnswer: async () => await client.beforeRefresh?.(),
    onReuse: () => tokens.clear(),
  });

  function give(mailbox: string | null, more: object = {}): FakeAnswer {
    given += 1;
    const token = `token-${given}.${'x'.repeat(1_500)}`; // as long as Microsoft's
    tokens.set(token, mailbox);
    const lasts = { expires_in: client.lastsSeconds ?? EXPIRES_SECONDS };
    return json(200, { token_type: 'Bearer', access_token: token, ...lasts, ...more });
  }

  function clientCredentials(path: string, form: URLSearchParams): FakeAnswer {
    if (path !== `/${TENANT}/oauth2/v2.0/token`) return microsoft(400, 'invalid_request', 90_002);
    if (form.get('client_id') !== client.id || client.isRevoked) return microsoft(400, 'unauthorized_client', 700_016);
    if (form.get('client_secret') !== client.secret) return microsoft(401, 'invalid_client', 7_000_215);
    if (form.get('scope') !== SCOPES.microsoft) return microsoft(400, 'invalid_scope', 1_002_012);
    return give(null);
  }

  async function refreshToken(form: URLSearchParams): Promise<FakeAnswer> {
    if (form.get('client_id') !== client.id) return google(401, 'invalid_client', 'The OAuth client was not found.');
    if (form.get('client_secret') !== client.secret) return google(401, 'invalid_client', 'Unauthorized');
    const sent = form.get('refresh_token') ?? '';
    const used = client.isRevoked ? undefined : await refreshTokens.use(sent);
    if (used === undefined || used.refused !== undefined)
      return google(400, 'invalid_grant', 'Token has been expired or revoked.');
    return give(client.mailboxes[0] ?? '', used.token === sent ? {} : { refresh_token: used.token });
  }

  function jwtBearer(form: URLSearchParams): FakeAnswer {
    const [head = '', body = '', signature = ''] = (form.get('assertion') ?? '').split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Claims; // of a test
    return judgeSignature(`${head}.${body}`, signature) ?? judgeClaims(claims) ?? give(claims.sub ?? '');
  }

  function judgeSignature(signed: string, signature: string): Refusal {
    const isSigned =
      client.publicKey && createVerify('RSA-SHA256').update(signed).verify(client.publicKey, signature, 'base64url');
    return isSigned ? undefined : google(400, 'invalid_grant', 'Invalid JWT Signature.');
  }

  function judgeClaims({ iss, sub, aud, scope, iat = 0, exp = 0 }: Claims): Refusal {
    if (iss !== client.id) return google(400, 'invalid_grant', 'Invalid grant: account not found');
    if (aud !== `${server.origin}/token`) return google(400, 'invalid_grant', 'Invalid JWT: Failed audience check.');
    const seconds = now() / 1000;
    const isTimely = iat <= seconds + 60 && exp > seconds && exp - iat <= 3_600;
    if (!isTimely) return google(400, 'invalid_grant', 'Invalid JWT: Token must be a short-lived token (60 minutes).');
    const isDelegated = scope === SCOPES.google && !client.isRevoked;
    if (!isDelegated) return google(401, 'unauthorized_client', 'Client is unauthorized to retrieve access tokens.');
    return client.mailboxes.includes(sub ?? '') ? undefined : google(400, 'invalid_grant', 'Invalid email or User ID');
  }

  const handle = ({ path, body, method }: FakeRequest): FakeAnswer | Promise<FakeAnswer> => {
    const form = new URLSearchParams(body);
    requests.push(form);
    if (method !== 'POST') return json(405, {});
    const grant = form.get('grant_type');
    if (grant === 'client_credentials') return clientCredentials(path, form);
    if (path !== '/token') return { status: 404, body: '<html>Not Found</html>' };
    if (grant === 'refresh_token') return refreshToken(form);
    if (grant === JWT_BEARER) return jwtBearer(form);
    return google(400, 'unsupported_grant_type', `Invalid grant_type: ${grant}`);
  };
  const server = await startFakeServer({ handle });
  const check: TokenCheck = (mailbox, token) => {
    const whose = tokens.get(token);
    if (whose === undefined) return false;
    return whose === null ? client.mailboxes.includes(mailbox) : whose === mailbox;
  };
  return {
    ...server,
    client,
    /** For an SMTP server. */
    check,
    /** Forms that were sent. */
    requests: (): readonly URLSearchParams[] => requests,
    /** Access tokens that were given. */
    given: (): number => given,
    /** The refresh token that is good now; undefined: none. */
    refreshToken: refreshTokens.current,
    revokeRefreshToken: refreshTokens.revoke,
    microsoftUrl: `${server.origin}/${TENANT}/oauth2/v2.0/token`,
    googleUrl: `${server.origin}/token`,
    /** Their time is over. */
    expireTokens: (): void => tokens.clear(),
  };
}
