import { createSign, generateKeyPairSync } from 'node:crypto';
import { startSalesforce, type SalesforceOptions } from '../fake';
import { defaultSignIn } from './tokens';

let org: Awaited<ReturnType<typeof startSalesforce>>;
const open = async (options: SalesforceOptions = {}): Promise<void> => void (org = await startSalesforce(options));
afterEach(() => org.close());

async function signIn(form: Readonly<Record<string, string>>) {
  const { clientId: client_id, clientSecret: client_secret } = defaultSignIn;
  const body = new URLSearchParams({ client_id, client_secret, ...form });
  const answer = await fetch(`${org.origin}/services/oauth2/token`, { method: 'POST', body });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
}

describe('signing in', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const now = () => Math.floor(Date.now() / 1000);
  const claims = () => ({
    iss: defaultSignIn.clientId,
    sub: defaultSignIn.username,
    aud: 'https://login.salesforce.com',
    exp: now() + 180,
  });
  const jwt = (parts: object, header: object = { alg: 'RS256' }): string => {
    const text = [header, parts].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  };
  const bearer = (assertion: string) =>
    signIn({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });

  it('takes an assertion that the key has signed', async () => {
    await open({ publicKey });
    const { status, body } = await bearer(jwt(claims()));
    expect([status, body['instance_url'], body['token_type']]).toEqual([200, org.origin, 'Bearer']);
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await fetch(`${org.origin}/services/data/v62.0/sobjects/Case/describe`, { headers })).status).toBe(200);
  });

  it.each<[string, () => string, string]>([
    ['another app', () => jwt({ ...claims(), iss: 'other' }), 'invalid_client_id'],
    ['another user', () => jwt({ ...claims(), sub: 'other@example.com' }), 'invalid_grant'],
    ['another audience', () => jwt({ ...claims(), aud: 'https://example.com' }), 'invalid_grant'],
    ['an end that has come', () => jwt({ ...claims(), exp: now() - 1 }), 'invalid_grant'],
    ['an end that is far', () => jwt({ ...claims(), exp: now() + 3600 }), 'invalid_grant'],
    ['another algorithm', () => jwt(claims(), { alg: 'none' }), 'invalid_grant'],
    ['a changed claim', () => jwt(claims()).replace(/\.[^.]+$/, `.${'A'.repeat(342)}`), 'invalid_grant'],
    ['nonsense', () => 'a.b.c', 'invalid_client_id'],
  ])('refuses one with %s', async (_, make, error) => {
    await open({ publicKey });
    expect(await bearer(make())).toMatchObject({ status: 400, body: { error } });
  });

  it('refuses a wrong secret, a wrong app, a wrong refresh token and a flow that it has not', async () => {
    await open();
    const grant_type = 'client_credentials';
    expect((await signIn({ grant_type, client_secret: 'x' })).body['error']).toBe('invalid_client');
    expect((await signIn({ grant_type, client_id: 'x' })).body['error']).toBe('invalid_client_id');
    const refresh = await signIn({ grant_type: 'refresh_token', refresh_token: 'x' });
    expect(refresh.body['error']).toBe('invalid_grant');
    expect((await signIn({ grant_type: 'password' })).body['error']).toBe('unsupported_grant_type');
  });

  const refresh = (refresh_token: string = defaultSignIn.refreshToken) =>
    signIn({ grant_type: 'refresh_token', refresh_token });

  it('replaces a refresh token on use, where the app is set up so', async () => {
    await open({ org: { rotatesRefreshTokens: true } });
    const { body } = await refresh();
    expect((await refresh(String(body['refresh_token']))).status).toBe(200);
  });

  it('ends all successors of a refresh token that comes back', async () => {
    await open({ org: { rotatesRefreshTokens: true } });
    const { body } = await refresh();
    expect((await refresh()).body).toMatchObject({ error: 'invalid_grant' });
    expect((await refresh(String(body['refresh_token']))).body).toMatchObject({ error: 'invalid_grant' });
    const headers = { authorization: `Bearer ${String(body['access_token'])}` };
    expect((await fetch(`${org.origin}/services/data/v62.0/sobjects/Case/describe`, { headers })).status).toBe(401);
  });

  it('takes one refresh at a time by one token', async () => {
    let goOn = () => {};
    await open({ org: { beforeRefresh: () => new Promise<void>((resolve) => (goOn = resolve)) } });
    const first = refresh();
    await org.next('arrival');
    expect((await refresh()).body).toEqual({
      error: 'invalid_grant',
      error_description: 'token request is already being processed',
    });
    goOn();
    expect((await first).status).toBe(200);
  });
});
