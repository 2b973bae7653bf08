import { randomUUID } from 'node:crypto';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { signInOf } from '../../connections/sign-in-store';
import type { DeliveryFailure } from '../../failures';
import type { FakeRequest, Fault } from '../../http/fake';
import { EXAMPLE_TOKEN, isSignIn, isTicketCreation, startZendesk } from './fake';
import { createZendesk } from './zendesk';

const message = exampleEvent('OfflineMessage.Submit');
const consumer = createZendesk({ allowedAddresses: ['127.0.0.1'] });
afterAll(() => consumer.close());

let zendesk: Awaited<ReturnType<typeof startZendesk>>;
let fault: (request: FakeRequest) => Fault | undefined = () => undefined;
let now = 0;
let connectionId = '';
beforeEach(async () => {
  connectionId = randomUUID();
  now = Date.now();
  fault = () => undefined;
  zendesk = await startZendesk({ clock: () => now, fault: (request) => fault(request) });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await zendesk.close();
});

const send = (account: { config: object; secrets: object } = zendesk.oauthAccount, connectionEdition = 1) =>
  consumer.send({ ...sendRequest(message, { account }), connectionId, connectionEdition });
const fail = async (...given: Parameters<typeof send>): Promise<DeliveryFailure> =>
  await send(...given).then(
    () => Promise.reject(new Error('It did not fail as expected.')),
    (error: DeliveryFailure) => error, // contract: consumers throw nothing else
  );
const passes = (ms: number): void => {
  const before = performance.now.bind(performance);
  now += ms;
  jest.spyOn(performance, 'now').mockImplementation(() => before() + ms);
};

describe('an OAuth client', () => {
  it('signs in once for all deliveries of a connection, and by nothing else', async () => {
    await Promise.all([send(), send(), send()]);
    await send();
    expect(zendesk.signIns()).toBe(1);
    expect(zendesk.tickets).toHaveLength(4);
    const others = zendesk.arrivals.filter((request) => !isSignIn(request));
    expect(others.every(({ headers }) => /^Bearer [0-9a-f]{64}$/.test(headers.authorization ?? ''))).toBe(true);
  });

  it('signs in anew once for all that meet 401', async () => {
    await send();
    zendesk.expireTokens();
    await Promise.all(Array.from({ length: 5 }, () => send()));
    expect(zendesk.signIns()).toBe(2);
    expect(zendesk.tickets).toHaveLength(6);
  });

  it('signs in before its token ends', async () => {
    await send();
    passes(29 * 60_000 + 1_000);
    await send();
    expect(zendesk.signIns()).toBe(2);
    expect(zendesk.arrivals.filter(isTicketCreation)).toHaveLength(2);
  });

  it('signs in anew where an operator has mended the connection', async () => {
    await send();
    await send(undefined, 2);
    expect(zendesk.signIns()).toBe(2);
  });

  it('breaks the connection where a fresh token is refused, too', async () => {
    fault = (request) => (isTicketCreation(request) ? { status: 401, body: '{"error":"invalid_token"}' } : undefined);
    expect(await fail()).toMatchObject({ type: 'ConnectionBroken' });
    expect(zendesk.arrivals.filter(isTicketCreation)).toHaveLength(2);
    expect(zendesk.signIns()).toBe(2);
  });

  it('breaks the connection where its secret is wrong', async () => {
    const failure = await fail({ ...zendesk.oauthAccount, secrets: { clientSecret: 'wrong-secret' } });
    expect(failure).toMatchObject({ type: 'ConnectionBroken', details: { status: 401, error: 'invalid_client' } });
    expect(failure.message).not.toContain('wrong-secret');
    expect(zendesk.arrivals).toHaveLength(1);
  });

  it.each<[string, Fault, string]>([
    ['unknown_error', { status: 400, body: '{"error":"unknown_error"}' }, 'Unavailable'],
    ['a page of HTML', { status: 400, body: '<h1>Sorry</h1>' }, 'Unavailable'],
    ['200 with HTML', { status: 200, body: '<h1>Sorry</h1>' }, 'Unavailable'],
    ['503', { status: 503 }, 'Unavailable'],
    ['nothing', 'reset', 'Unavailable'],
    ['429', { status: 429, headers: { 'retry-after': '7' } }, 'RateLimited'],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'InvalidConfig'],
    ['404 of no account', { status: 404, body: '<h1>No help desk</h1>' }, 'InvalidConfig'],
  ])('whose sign-in meets %s is a failure of its own kind', async (_, met, type) => {
    fault = (request) => (isSignIn(request) ? met : undefined);
    expect(await fail()).toMatchObject({ type });
    expect(zendesk.arrivals.filter((request) => !isSignIn(request))).toHaveLength(0);
  });

  it('is checked by a sign-in', async () => {
    const check = () => consumer.connection.check(zendesk.oauthAccount, AbortSignal.timeout(5_000));
    expect(await check()).toContain('an OAuth client, which does not end; access tokens last 30 minutes and');
    fault = (request) => (isSignIn(request) ? { status: 401, body: '{"error":"invalid_client"}' } : undefined);
    await expect(check()).rejects.toMatchObject({ type: 'ConnectionBroken' });
  });
});

describe('a refresh token', () => {
  const signIn = () => signInOf(zendesk.refreshAccount.secrets);
  const sendBy = ({ store }: ReturnType<typeof signIn>) =>
    consumer.send({
      ...sendRequest(message, { account: zendesk.refreshAccount, signIn: store }),
      connectionId,
      connectionEdition: 1,
    });

  it('signs in once, and again in time, for deliveries with either token', async () => {
    const shared = signIn();
    await Promise.all([sendBy(shared), sendBy(shared)]);
    expect(shared.secrets()['refreshToken']).toBe(zendesk.refreshToken());
    passes(29 * 60_000 + 1_000);
    await sendBy(shared);
    expect(zendesk.signIns()).toBe(2);
    expect(shared.secrets()['refreshToken']).toBe(zendesk.refreshToken());
    expect(zendesk.arrivals.filter(isTicketCreation)).toHaveLength(3);
  });

  it('gives another access token where one has ended before its time', async () => {
    const shared = signIn();
    await sendBy(shared);
    zendesk.expireTokens();
    await Promise.all([sendBy(shared), sendBy(shared)]);
    expect(zendesk.signIns()).toBe(2);
    expect(zendesk.tickets).toHaveLength(3);
  });

  it.each(['1800', 1e300, -1, {}])('is kept where the answer says %j for how long it lasts', async (lasts) => {
    const body = JSON.stringify({
      access_token: EXAMPLE_TOKEN,
      expires_in: lasts,
      refresh_token: 'next',
      refresh_token_expires_in: lasts,
    });
    fault = (request) => (isSignIn(request) ? { status: 200, body } : undefined);
    const shared = signIn();
    await sendBy(shared);
    expect([shared.secrets()['refreshToken'], shared.endsInMs()]).toEqual(['next', null]);
  });

  it('breaks the connection where it was not used for too long', async () => {
    now += 31 * 86_400_000;
    await expect(sendBy(signIn())).rejects.toMatchObject({
      type: 'ConnectionBroken',
      details: { error: 'invalid_grant' },
      message: expect.stringContaining('connections mend'),
    });
    expect(zendesk.arrivals.every(isSignIn)).toBe(true);
  });

  it('is renewed by a check, which says how long it lasts', async () => {
    const shared = signIn();
    await sendBy(shared);
    const check = consumer.connection.check(zendesk.refreshAccount, AbortSignal.timeout(5_000), shared.store);
    expect(await check).toContain('ends if it is not used for 30 days; access tokens last 30 minutes and');
    expect(zendesk.signIns()).toBe(2);
    expect(shared.endsInMs()).toBe(30 * 86_400_000);
    expect(shared.secrets()['refreshToken']).toBe(zendesk.refreshToken());
  });
});

it('a static OAuth token is still taken, and the check says that it ends', async () => {
  const { endpoint } = zendesk.account.config;
  const account = { config: { endpoint }, secrets: { oauthToken: zendesk.account.secrets.apiToken } };
  await send(account);
  expect(await consumer.connection.check(account, AbortSignal.timeout(5_000))).toContain('ends by itself');
});
