import { generateKeyPairSync } from 'node:crypto';
import { ANN, chatFor, openOrg } from '../../../tests/salesforce-org';
import { startFakeServer, type FakeRequest, type Fault } from '../../http/fake';
import { isRecordCreation, isSignIn, type SalesforceOptions } from './fake';
import { defaultSignIn } from './fake/tokens';
import { audienceOf } from './sign-in';

let org: Awaited<ReturnType<typeof openOrg>>;
const open = async (options: SalesforceOptions = {}): Promise<void> => {
  org = await openOrg(options);
};
afterEach(() => org.close());

const chat = () => chatFor({ mode: 0, cases: { Subject: 'Invoice' } });
const send = (parts?: Parameters<typeof org.delivery>[1]) => org.delivery(chat(), parts).attempt();
const fail = (parts?: Parameters<typeof org.delivery>[1]) => org.delivery(chat(), parts).failure();
const asked = (isMeant: (request: FakeRequest) => boolean): number => org.arrivals.filter(isMeant).length;

describe('a token', () => {
  let elsewhere: Awaited<ReturnType<typeof startFakeServer>>;
  beforeAll(async () => {
    elsewhere = await startFakeServer({ handle: () => ({ status: 200, body: '{}' }) });
  });
  afterAll(() => elsewhere.close());

  it('serves all deliveries of a connection', async () => {
    await open();
    await Promise.all(Array.from({ length: 5 }, () => send()));
    await send();
    expect(org.signIns()).toBe(1);
  });

  it('that has expired is replaced once for all that meet it', async () => {
    await open();
    await send();
    org.expireTokens();
    await Promise.all(Array.from({ length: 20 }, () => send()));
    expect(org.signIns()).toBe(2);
    expect(org.arrivals.filter(isRecordCreation)).toHaveLength(41);
    expect(org.records('Case')).toHaveLength(21);
  });

  it('is asked for three times by one delivery, where none is taken', async () => {
    await open({ org: { endless401: true } });
    expect(await fail()).toMatchObject({ type: 'ConnectionBroken', details: { status: 401 } });
    expect(org.signIns()).toBe(3);
    expect(asked((request) => !isSignIn(request))).toBe(3);
  });

  it('is not asked for again where Salesforce says that the app may not come in', async () => {
    const body = JSON.stringify([
      { errorCode: 'INVALID_SESSION_ID', message: 'This session is not valid for use with the REST API' },
    ]);
    await open({ fault: (request) => (isSignIn(request) ? undefined : { status: 401, body }) });
    expect(await fail()).toMatchObject({ type: 'ConnectionBroken' });
    expect(org.signIns()).toBe(1);
  });

  it('goes nowhere else, wherever Salesforce redirects', async () => {
    const redirect = { status: 307, headers: { location: `${elsewhere.origin}/services/data` } };
    const kinds: ((request: FakeRequest) => boolean)[] = [
      isSignIn,
      ({ path }) => path.endsWith('/describe'),
      ({ path }) => path.endsWith('/query'),
      isRecordCreation,
    ];
    for (const isMeant of kinds) {
      await open({ fault: (request) => (isMeant(request) ? redirect : undefined) });
      const failure = await org.delivery(chatFor({ mode: 1, cases: { Subject: 'Hi' } })).failure();
      expect(failure).toMatchObject({ type: 'InvalidConfig', details: { status: 307 } });
      await org.close();
    }
    expect(elsewhere.sockets()).toBe(0);
  });
});

describe('signing in', () => {
  const pair = () =>
    generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  const { publicKey, privateKey } = pair();
  const config = { authorization: 'jwtBearer', username: defaultSignIn.username };
  const refreshing = { authorization: 'refreshToken' };
  const { clientSecret, refreshToken } = defaultSignIn;

  it('by a signed assertion, its key also on one line', async () => {
    await open({ publicKey });
    await send({ config, secrets: { privateKey } });
    await send({ config, secrets: { privateKey: privateKey.replaceAll('\n', '\\n') } });
    expect(org.records('Case')).toHaveLength(2);
    expect(asked(({ body }) => body.includes('client_secret'))).toBe(0);
  });

  it.each<[string, object, Record<string, string>, string, number]>([
    ["somebody else's key", config, { privateKey: pair().privateKey }, 'ConnectionBroken', 1],
    ['a key that is none', config, { privateKey: 'PRIVATE KEY' }, 'InvalidConfig', 0],
    ['no key', config, { clientSecret }, 'InvalidConfig', 0],
    ['no user', { authorization: 'jwtBearer' }, { privateKey }, 'InvalidConfig', 0],
    ['a wrong secret', {}, { clientSecret: 'wrong' }, 'ConnectionBroken', 1],
    ['no secret', {}, {}, 'InvalidConfig', 0],
    ['a refresh token that is spent', refreshing, { refreshToken: 'spent' }, 'ConnectionBroken', 3],
    ['no refresh token', refreshing, { clientSecret }, 'InvalidConfig', 0],
  ])('fails with %s', async (_, wrong, secrets, type, requests) => {
    await open({ publicKey });
    expect(await fail({ config: wrong, secrets })).toMatchObject({ type });
    expect(org.arrivals).toHaveLength(requests);
  });

  it.each([
    ['inactive_user', 'ConnectionBroken'],
    ['inactive_org', 'ConnectionBroken'],
    ['something_new', 'Unavailable'],
    ['unknown_error', 'Unavailable'],
    ['rate_limit_exceeded', 'RateLimited'],
  ])('that is refused by %s is %s', async (signInError, type) => {
    await open({ org: { signInError } });
    expect(await fail()).toMatchObject({ type });
    expect(org.arrivals).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['a page of HTML', { status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>Sorry</h1>' }],
    ['404', { status: 404 }],
    ['500', { status: 500 }],
    ['half an answer', 'truncated'],
    ['nothing that ends', 'huge'],
  ])('that is answered by %s is tried again', async (_, fault) => {
    await open({ fault: (request) => (isSignIn(request) ? fault : undefined) });
    expect(await fail()).toMatchObject({ type: 'Unavailable', ours: false });
  });

  describe.each([
    [-4 * 60, 'behind'],
    [4 * 60, 'ahead of'],
    [-24 * 3600, 'behind'],
  ])('with a clock that is %d s wrong', (seconds, word) => {
    const clock = () => Date.now() - seconds * 1000;

    it("goes by Salesforce's clock", async () => {
      await open({ publicKey, org: { clock } });
      await send({ config, secrets: { privateKey } });
      await send({ config, secrets: { privateKey } });
      expect(org.records('Case')).toHaveLength(2);
      expect(asked(isSignIn)).toBe(2);
    });

    it('still breaks the connection where the account is refused', async () => {
      await open({ publicKey, org: { clock } });
      expect(await fail({ config, secrets: { privateKey: pair().privateKey } })).toMatchObject({
        type: 'ConnectionBroken',
      });
      expect(org.arrivals).toHaveLength(2);
    });

    it('is not held against the connection where that does not help', async () => {
      const body = JSON.stringify({ error: 'invalid_grant', error_description: 'assertion has expired' });
      const refused = () => ({ status: 400, headers: { date: new Date(clock()).toUTCString() }, body });
      await open({ fault: (request) => (isSignIn(request) ? refused() : undefined) });
      const failure = await fail({ config, secrets: { privateKey } });
      expect(failure).toMatchObject({ type: 'Unavailable', ours: true });
      expect(failure.message).toMatch(new RegExp(`\\d+ s ${word} Salesforce`));
      expect(Math.abs(Number(failure.details['clockOffsetSeconds']) + seconds)).toBeLessThan(60);
      expect(org.arrivals).toHaveLength(2);
    });
  });

  it.each([
    ['https://login.salesforce.com', 'https://login.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    ['https://example.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://example-dev-ed.develop.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://example--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://example-speed-123.scratch.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://example--uat.cs12.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://example.my.salesforce.mil', 'https://login.salesforce.com'],
    ['https://example--uat.sandbox.my.salesforce.mil', 'https://test.salesforce.com'],
    ['https://example-speed-123.scratch.my.salesforce.mil', 'https://test.salesforce.com'],
    ['https://sandbox.my.salesforce.com.example.com', 'https://login.salesforce.com'],
  ])('at %s has the audience %s', (loginUrl, audience) => expect(audienceOf(loginUrl)).toBe(audience));

  it('takes the audience that is configured', async () => {
    await open({ publicKey });
    const audience = 'https://example.my.site.com/customers';
    expect(await fail({ config: { ...config, audience }, secrets: { privateKey } })).toMatchObject({
      type: 'ConnectionBroken',
    });
    const [, claims = ''] = (new URLSearchParams(org.arrivals[0]?.body).get('assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: audience });
  });

  it('is tried again where Salesforce is at work on another request by the same token', async () => {
    let goOn = () => {};
    await open({ org: { beforeRefresh: () => new Promise<void>((resolve) => (goOn = resolve)) } });
    const by = { config: refreshing, secrets: { clientSecret, refreshToken } };
    const first = send({ ...by });
    await org.next('arrival');
    expect(await fail({ ...by, edition: 2 })).toMatchObject({ type: 'Unavailable' });
    goOn();
    await first;
    expect(org.records('Case')).toHaveLength(1);
  });

  it('goes by what an operator has given since', async () => {
    await open({ org: { rotatesRefreshTokens: true } });
    await send({ config: refreshing, secrets: { clientSecret, refreshToken } });
    await fail({ config: refreshing, secrets: { clientSecret, refreshToken: 'given-by-hand' }, edition: 2 });
    expect(org.arrivals.at(-1)?.body).toContain('given-by-hand');
  });
});

it('waits half an hour where the calls of the day are used up', async () => {
  await open({ org: { callsPerDay: 1 } });
  expect(await fail()).toMatchObject({ type: 'RateLimited', retryAfterMs: 30 * 60_000 });
});

describe('what the organisation looks like', () => {
  const descriptions = () => asked(({ path }) => path.endsWith('/describe'));
  const passes = (ms: number): void => {
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
  };
  afterEach(() => void jest.restoreAllMocks());

  it('is read once an hour', async () => {
    await open();
    org.add('Contact', { LastName: 'Example', Email: ANN });
    for (let n = 0; n < 3; n += 1) await org.delivery(chatFor({ mode: 1, cases: { Subject: 'Hi' } })).attempt();
    expect(descriptions()).toBe(2);
    passes(3600_000);
    await send();
    expect(descriptions()).toBe(3);
  });

  it('is read again where a record is refused by a description that was read a minute ago', async () => {
    await open({ fields: { Case: { Subject: { createable: false } } } });
    expect(await fail()).toMatchObject({ details: { fields: ['Subject'] } });
    expect(await fail()).toMatchObject({ type: 'Rejected' });
    expect(descriptions()).toBe(1);
    passes(60_001);
    expect(await fail()).toMatchObject({ type: 'Rejected' });
    expect(descriptions()).toBe(2);
  });
});
