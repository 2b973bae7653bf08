import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { startFakeServer, type FakeRequest } from '../../http/fake';
import { EXAMPLE_SECRET, startWebhookReceiver, type ReceiverOptions } from './fake';
import { publicKeyOf } from './sign';
import { createWebhook } from './webhook';

const webhook = createWebhook({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 5_000 });
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(() => webhook.close());

async function start(options: ReceiverOptions = {}) {
  const server = await startWebhookReceiver(options);
  closing.push(server.close);
  return server;
}

const rating = exampleEvent('Visitor.Rating');
const send = (config: object, secrets: object = {}) =>
  webhook.send(sendRequest(rating, { account: { config, secrets: { secret: EXAMPLE_SECRET, ...secrets } } }));

describe('a private key of Ed25519', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const whole = Buffer.concat([seed, publicKey]);
  const secretOf = (bytes: Buffer): string => `whsk_${bytes.toString('base64')}`;

  it.each([
    ['alone', seed],
    ['with its public key behind it', whole],
  ])('signs as v1a, %s', async (_, bytes) => {
    const server = await start();
    await send({ url: server.url }, { secret: secretOf(bytes) });
    const { headers, body = '' } = server.arrivals[0] ?? {};
    const [version, signature = ''] = String(headers?.['webhook-signature']).split(',');
    const signed = Buffer.from([headers?.['webhook-id'], headers?.['webhook-timestamp'], body].join('.'));
    expect(version).toBe('v1a');
    expect(verify(null, signed, createPublicKey(privateKey), Buffer.from(signature, 'base64'))).toBe(true);
    expect(publicKeyOf(secretOf(bytes))).toBe(`whpk_${publicKey.toString('base64')}`);
  });

  it('signs beside a shared secret while receivers change over', async () => {
    const server = await start();
    await send({ url: server.url }, { secret: secretOf(seed), previousSecret: EXAMPLE_SECRET });
    const [arrival] = server.arrivals;
    expect(arrival?.isVerified).toBe(true);
    expect(arrival?.headers['webhook-signature']).toMatch(/^v1a,\S{88} v1,\S{44}$/);
  });

  it('is named to the operator by its public key', async () => {
    const server = await start();
    const account = { config: { url: server.url }, secrets: { secret: secretOf(seed) } };
    const said = await webhook.connection.check(account, AbortSignal.timeout(5_000));
    expect(said).toContain(`verifies with whpk_${publicKey.toString('base64')}`);
    expect(said).not.toContain(seed.toString('base64'));
  });

  it.each([
    ['too short', Buffer.alloc(31)],
    ['with the public key of another', Buffer.concat([seed, Buffer.alloc(32, 1)])],
  ])('is refused when it is %s', async (_, bytes) => {
    await expect(send({ url: 'https://example.com/' }, { secret: secretOf(bytes) })).rejects.toMatchObject({
      type: 'InvalidConfig',
    });
  });
});

describe('headers of a connection', () => {
  it('are sent with each message, secret ones too', async () => {
    const server = await start();
    await send(
      { url: server.url, headers: { 'X-Tenant': 'a b' } },
      { headers: 'X-Api-Key: k=1:2\n\nAuthorization: Basic eA==\n' },
    );
    expect(server.arrivals[0]).toMatchObject({
      isVerified: true,
      headers: { 'x-tenant': 'a b', 'x-api-key': 'k=1:2', authorization: 'Basic eA==' },
    });
  });

  it.each([
    [{ Host: 'other' }, 'Host is not for a connection to set'],
    [{ 'Transfer-Encoding': 'chunked' }, 'Transfer-Encoding is not for a connection'],
    [{ 'Content-Length': '1' }, 'Content-Length is not for a connection'],
    [{ 'webhook-id': 'mine' }, 'webhook-id is not for a connection'],
    [{ connection: 'close' }, 'connection is not for a connection'],
    [{ 'X-A': 'line-marker\r\nX-B: 1' }, 'X-A: expected a value of printable ASCII'],
    [{ 'X-A': '' }, 'X-A: expected a value'],
    [{ 'X A': '1' }, 'number 1 is none'],
    [{ 'X-A': '1', 'x-a': '2' }, 'x-a is there twice'],
    [Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`X-${i}`, '1'])), '20 headers at most'],
  ])('are refused as %j, without their values', async (headers, why) => {
    const failure = await send({ url: 'https://example.com/', headers }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ type: 'InvalidConfig', message: expect.stringContaining(why) });
    expect(String(failure)).not.toContain('marker');
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    if (lines.some((line) => line.includes('\r'))) return; // as lines of a text these are two headers
    await expect(send({ url: 'https://example.com/' }, { headers: lines.join('\n') })).rejects.toMatchObject({
      type: 'InvalidConfig',
    });
  });

  it('are refused where a name is in the configuration and in the secrets', async () => {
    const both = send({ url: 'https://example.com/', headers: { 'X-A': '1' } }, { headers: 'x-a: 2' });
    await expect(both).rejects.toMatchObject({ type: 'InvalidConfig', message: expect.stringContaining('twice') });
  });
});

describe('a client of OAuth 2.0', () => {
  const client = { clientId: 'chat events', scope: 'hooks' };

  /** Its tokens are `token-1`, `token-2`, ... */
  async function startTokenServer(answer?: { status: number; body: string }) {
    const requests: FakeRequest[] = [];
    const handle = (request: FakeRequest) => {
      requests.push(request);
      const token = { access_token: `token-${requests.length}`, token_type: 'Bearer', expires_in: 3600 };
      return answer ?? { status: 200, body: JSON.stringify(token) };
    };
    const server = await startFakeServer({ handle });
    closing.push(server.close);
    return { requests, tokenUrl: `${server.origin}/token` };
  }

  it('gets one token for many messages, and another one, once, when the endpoint answers 401', async () => {
    const { requests, tokenUrl } = await startTokenServer();
    let refused = '';
    const server = await start({ fault: () => undefined });
    const config = { url: server.url, oauth: { ...client, tokenUrl, audience: 'crm' } };
    for (let i = 0; i < 3; i += 1) await send(config, { clientSecret: 'a:b' });
    expect(requests).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'hooks',
      audience: 'crm',
    });
    const [, basic = ''] = requests[0]?.headers.authorization?.split(' ') ?? [];
    expect(Buffer.from(basic, 'base64').toString()).toBe('chat+events:a%3Ab');
    const isRefused = (): boolean => server.requests() === 4;
    server.receiver.fault = () => (isRefused() ? { status: 401 } : undefined);
    await send(config, { clientSecret: 'a:b' });
    expect(server.arrivals.map(({ headers }) => headers.authorization)).toEqual([
      ...Array.from({ length: 4 }, () => 'Bearer token-1'),
      'Bearer token-2',
    ]);
    expect(new Set(server.arrivals.map(({ id }) => id)).size).toBe(1);
    server.receiver.fault = () => ({ status: 401 });
    refused = await send(config, { clientSecret: 'a:b' }).catch(({ type }) => type);
    expect([refused, server.requests(), requests.length]).toEqual(['Unavailable', 7, 3]);
  });

  it('puts its secret into the form where the token server wants it there', async () => {
    const { requests, tokenUrl } = await startTokenServer();
    const server = await start();
    const oauth = { ...client, tokenUrl, clientAuthentication: 'body' };
    await send({ url: server.url, oauth }, { clientSecret: 'in the form' });
    expect(requests[0]?.headers.authorization).toBeUndefined();
    expect(new URLSearchParams(requests[0]?.body).get('client_secret')).toBe('in the form');
  });

  it.each([
    [400, '{"error":"invalid_client"}', 'ConnectionBroken'],
    [429, '', 'RateLimited'],
    [503, '<html>', 'Unavailable'],
    [200, '{}', 'Unavailable'],
  ])('that is answered %i %s fails as that says, and nothing is posted', async (status, body, type) => {
    const { tokenUrl } = await startTokenServer({ status, body });
    const server = await start();
    const config = { url: server.url, oauth: { ...client, tokenUrl } };
    await expect(send(config, { clientSecret: `s${status}` })).rejects.toMatchObject({ type });
    expect(server.requests()).toBe(0);
  });

  it.each([
    [{ oauth: { ...client, tokenUrl: 'https://example.com/' } }, {}, 'oauth needs the secret clientSecret'],
    [{}, { clientSecret: 's' }, 'clientSecret is for oauth'],
    [
      { oauth: { ...client, tokenUrl: 'https://example.com/' } },
      { clientSecret: 's', headers: 'Authorization: x' },
      'exclude each other',
    ],
  ])('is refused as %j with %j', async (config, secrets, why) => {
    const refused = send({ url: 'https://example.com/', ...config }, secrets);
    await expect(refused).rejects.toMatchObject({ type: 'InvalidConfig', message: expect.stringContaining(why) });
  });

  it('calls its token server through the guard', () => {
    const oauth = { ...client, tokenUrl: 'https://10.0.0.1/token' };
    expect(() => webhook.connection.judge?.({ url: 'https://example.com/', oauth })).toThrow(
      'The token server is not called',
    );
  });
});
