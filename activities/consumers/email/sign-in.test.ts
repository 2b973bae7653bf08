import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { signInOf } from '../../connections/sign-in-store';
import type { Account } from '../../consumer';
import { createEmail } from './email';
import { startSmtpServer, type SmtpServerOptions } from './fake';
import { startTokenServer, TENANT, type Client } from './fake/token-server';

const MAILBOX = 'support@example.com';
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const flows = {
  clientCredentials: { clientSecret: 'marker-secret' },
  jwtBearer: { privateKey: pem.replaceAll('\n', '\\n') },
  refreshToken: { clientSecret: 'marker-secret', refreshToken: 'marker-refresh' },
} as const;
type Flow = keyof typeof flows;

async function start(flow: Flow, over: Partial<Client> = {}, options: SmtpServerOptions = {}) {
  const client = { id: 'client-1', secret: 'marker-secret', refreshToken: 'marker-refresh', publicKey };
  const oauth = await startTokenServer({ ...client, mailboxes: [MAILBOX], ...over });
  closing.push(oauth.close);
  const refusal = flow === 'clientCredentials' ? '535 5.7.3' : 'challenge';
  const smtp = await startSmtpServer({ tokens: { check: oauth.check, refusal }, ...options });
  closing.push(smtp.close);
  const email = createEmail({ allowedAddresses: ['127.0.0.1'], ca: smtp.ca });
  closing.push(email.close);
  const account = (config: object = {}, secrets: object = flows[flow]): Account => ({
    config: {
      host: smtp.host,
      port: smtp.port,
      authorization: flow,
      username: MAILBOX,
      clientId: 'client-1',
      tokenUrl: flow === 'clientCredentials' ? oauth.microsoftUrl : oauth.googleUrl,
      from: { address: MAILBOX },
      recipients: { 'Chat.Ended': ['a@example.com'] },
      ...config,
    },
    secrets,
  });
  const connectionId = randomUUID();
  const { store } = signInOf(flows[flow]);
  /** By a new connection to the server, and a sign-in that all share. */
  const send = (given = account()) => {
    smtp.endConnections();
    return email.send({ ...sendRequest(exampleEvent('Chat.Ended'), { account: given, signIn: store }), connectionId });
  };
  const failureOf = async (given?: Account): Promise<unknown> => {
    const failure: unknown = await send(given).catch((error: unknown) => error);
    const { message, details } = failure as { message: string; details: unknown };
    expect(JSON.stringify([message, details])).not.toMatch(/marker|token-\d|PRIVATE KEY|example\.com/);
    return failure;
  };
  return { oauth, smtp, email, account, send, failureOf };
}

it.each(Object.keys(flows) as Flow[])('signs in by a token of %s over TLS, one token for all', async (flow) => {
  const { oauth, smtp, send } = await start(flow);
  await Promise.all([send(), send(), send()]);
  await send();
  expect(smtp.arrivals).toHaveLength(4);
  for (const { user, tls } of smtp.arrivals) expect({ user, tls }).toEqual({ user: MAILBOX, tls: true });
  expect(oauth.requests()).toHaveLength(1);
});

it.each(Object.keys(flows) as Flow[])(
  'replaces a token of %s that the server does not take any more, once for all',
  async (flow) => {
    const { oauth, smtp, send } = await start(flow);
    await send();
    oauth.expireTokens();
    await Promise.all([send(), send()]);
    expect(smtp.arrivals).toHaveLength(3);
    expect(oauth.requests()).toHaveLength(2);
  },
);

it('asks for another token shortly before the end of the one it has', async () => {
  const { oauth, send } = await start('clientCredentials', { lastsSeconds: 0.001 });
  await send();
  await send();
  expect(oauth.requests()).toHaveLength(2);
});

it.each(Object.keys(flows) as Flow[])(
  'breaks the connection where a new token of %s does not help either',
  async (flow) => {
    const { oauth, smtp, failureOf } = await start(flow);
    oauth.client.mailboxes.splice(0, 1, 'other@example.com');
    if (flow !== 'jwtBearer') {
      expect(await failureOf()).toMatchObject({
        type: 'ConnectionBroken',
        details: { stage: 'AUTH', responseCode: 535 },
      });
      expect(oauth.requests()).toHaveLength(2);
      expect(smtp.logins.map(({ tls }) => tls)).toEqual([true, true]);
    } else {
      expect(await failureOf()).toMatchObject({ type: 'ConnectionBroken', details: { error: 'invalid_grant' } });
    }
    expect(smtp.arrivals).toEqual([]);
  },
);

it.each<[string, Flow, Partial<Client>, object]>([
  [
    'a client that was removed',
    'clientCredentials',
    { isRevoked: true },
    { error: 'unauthorized_client', errorCodes: [700_016] },
  ],
  ['another secret', 'clientCredentials', { secret: 'new' }, { error: 'invalid_client', errorCodes: [7_000_215] }],
  ['a refresh token that was revoked', 'refreshToken', { isRevoked: true }, { error: 'invalid_grant' }],
  ['no delegation', 'jwtBearer', { isRevoked: true }, { error: 'unauthorized_client' }],
  [
    'another key',
    'jwtBearer',
    { publicKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey },
    { error: 'invalid_grant' },
  ],
])('breaks the connection for %s (%s), and asks no SMTP server', async (_, flow, over, details) => {
  const { smtp, failureOf } = await start(flow, over);
  expect(await failureOf()).toMatchObject({ type: 'ConnectionBroken', details });
  expect(smtp.connections()).toBe(0);
});

it('notices the removal of a client whose token still holds when that is refused', async () => {
  const { oauth, smtp, send, failureOf } = await start('refreshToken');
  await send();
  oauth.client.isRevoked = true;
  oauth.expireTokens();
  expect(await failureOf()).toMatchObject({ type: 'ConnectionBroken', details: { error: 'invalid_grant' } });
  expect(smtp.arrivals).toHaveLength(1);
});

const json = (status: number, body: object) => ({ status, body: JSON.stringify(body) });

it.each([
  ['503', { status: 503, body: 'busy' }, 'Unavailable'],
  ['a page of HTML', { status: 400, body: '<html>' }, 'Unavailable'],
  ['temporarily_unavailable', json(400, { error: 'temporarily_unavailable' }), 'Unavailable'],
  ['an unknown word', json(400, { error: 'unknown_error', error_description: 'retry' }), 'Unavailable'],
  ['a success without a token', json(200, { token_type: 'Bearer' }), 'Unavailable'],
  ['429', { status: 429, headers: { 'retry-after': '7' } }, 'RateLimited'],
  ['a redirect', { status: 302, headers: { location: 'https://example.com/' } }, 'InvalidConfig'],
  ['an end without an answer', 'reset' as const, 'Unavailable'],
  ['a megabyte', 'huge' as const, 'Unavailable'],
])('takes %s of the token server as what it is, and asks anew', async (_, fault, type) => {
  const { oauth, send, failureOf } = await start('clientCredentials');
  const faults = [fault];
  oauth.script.fault = () => faults.shift();
  expect(await failureOf()).toMatchObject({ type });
  await send();
});

it('names a tenant that is none', async () => {
  const { account, oauth, failureOf } = await start('clientCredentials');
  const other = account({ tokenUrl: oauth.microsoftUrl.replace(TENANT, 'nowhere') });
  expect(await failureOf(other)).toMatchObject({ type: 'InvalidConfig', message: expect.stringContaining('tenant') });
});

it('signs an assertion once more by the time of the token server, where the clock of this machine is wrong', async () => {
  const { oauth, send } = await start('jwtBearer', { clockAheadMs: 600_000 });
  await send();
  expect(oauth.requests()).toHaveLength(2);
});

it('sends no credentials without TLS', async () => {
  const { account, oauth, smtp, failureOf } = await start('clientCredentials', {}, { security: 'none' });
  expect(await failureOf(account({ security: 'none' }))).toMatchObject({ type: 'InvalidConfig' });
  expect(oauth.requests()).toEqual([]);
  expect(await failureOf()).toMatchObject({ type: 'ConnectionBroken', details: { code: 'ETLS' } });
  expect(smtp.logins).toEqual([]);
});

it.each(Object.keys(flows) as Flow[])('says which secret of %s is missing', async (flow) => {
  const { account, failureOf, oauth } = await start(flow);
  const [name = ''] = Object.keys(flows[flow]);
  const message = expect.stringContaining(name);
  expect(await failureOf(account({}, { password: 'p' }))).toMatchObject({ type: 'InvalidConfig', message });
  expect(oauth.requests()).toEqual([]);
});

it('calls no token server at an address that is not allowed', async () => {
  const { account, smtp } = await start('clientCredentials');
  const email = createEmail({ allowedAddresses: [], ca: smtp.ca });
  closing.push(email.close);
  const sending = email.send(sendRequest(exampleEvent('Chat.Ended'), { account: account() }));
  await expect(sending).rejects.toMatchObject({ type: 'InvalidConfig' });
  expect(smtp.connections()).toBe(0);
  const elsewhere = account({ host: 'smtp.example.com', port: 587 });
  expect(() => email.connection?.judge?.(elsewhere.config)).toThrow(/token server is not called/);
});

it('checks an account by a token of its own', async () => {
  const { account, oauth, email, send } = await start('jwtBearer');
  await send();
  const says = await email.connection?.check(account(), AbortSignal.timeout(10_000));
  expect(says).toMatch(/^127\.0\.0\.1:\d+ accepts the account, TLSv1\.3/);
  expect(oauth.requests()).toHaveLength(2);
});
