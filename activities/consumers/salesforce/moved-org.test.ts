import { startMovingOrg, type OldAnswer } from '../../../tests/moved-org';
import { chatFor, openOn } from '../../../tests/salesforce-org';
import { startFakeServer } from '../../http/fake';
import type { SalesforceOptions } from './fake';

const start = async (options: SalesforceOptions = {}) => openOn(await startMovingOrg(options));
let org: Awaited<ReturnType<typeof start>>;
let elsewhere: Awaited<ReturnType<typeof startFakeServer>>;

beforeAll(async () => {
  elsewhere = await startFakeServer({ handle: () => ({ status: 200, body: '{}' }) });
});
beforeEach(async () => {
  org = await start();
  await delivery().attempt();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await org.close();
});
afterAll(() => elsewhere.close());

const delivery = (parts?: Parameters<typeof org.delivery>[1]) =>
  org.delivery(chatFor({ mode: 0, cases: { Subject: 'Invoice' } }), parts);
const passes = (ms: number): void => {
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
};
/** Nothing is parked, no try is counted, and it comes back when the org may be asked again. */
async function waitsForSignIn(one: ReturnType<typeof delivery>): Promise<void> {
  const { type, ours, retryAfterMs } = await one.failure();
  expect({ type, ours }).toEqual({ type: 'Unavailable', ours: true });
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
}
const notFound = JSON.stringify([{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]);
const notOurs = JSON.stringify([{ errorCode: 'ORG_NOT_OWNED_BY_INSTANCE', message: 'said' }]);

it.each<[string, () => OldAnswer]>([
  ['301', () => ({ status: 301, location: `${elsewhere.origin}/services/data` })],
  ['302', () => ({ status: 302, location: `${elsewhere.origin}/` })],
  ['308', () => ({ status: 308, location: `${elsewhere.origin}/` })],
  ['404 without a word', () => ({ status: 404 })],
  ['404 NOT_FOUND', () => ({ status: 404, body: notFound })],
  ['421', () => ({ status: 421 })],
  ['another org', () => ({ status: 403, body: notOurs })],
])('an org that has moved is found by a new sign-in, where the old instance answers %s', async (_, answer) => {
  org.move(answer());
  await Promise.all(Array.from({ length: 5 }, () => delivery().attempt()));
  expect(org.records('Case')).toHaveLength(6);
  expect(org.signIns()).toBe(2);
  await delivery().attempt();
  expect(org.seenByOld()).toBe(5);
  expect(elsewhere.sockets()).toBe(0);
});

it.each<[string, OldAnswer]>([
  ['nothing', 'nothing'],
  ['503', { status: 503, body: '<h1>Moved</h1>' }],
  ['a page', { status: 200, body: '<h1>Moved</h1>' }],
])('is found by the next attempt, where a write meets %s', async (_, answer) => {
  org.move(answer);
  const one = delivery();
  expect(await one.failure()).toMatchObject({ type: 'Unavailable' });
  await one.attempt();
  expect(org.records('Case')).toHaveLength(2);
  expect(org.signIns()).toBe(2);
});

it('is asked anew only once a minute, where the sign-in names the same instance', async () => {
  org.moveSilently({ status: 301, location: `${elsewhere.origin}/` });
  expect(await delivery().failure()).toMatchObject({ type: 'InvalidConfig' });
  for (let n = 0; n < 3; n += 1) await waitsForSignIn(delivery());
  expect(org.signIns()).toBe(2);
  passes(60_001);
  org.move({ status: 301, location: `${elsewhere.origin}/` });
  await delivery().attempt();
  expect(org.signIns()).toBe(3);
});

it.each<[string, OldAnswer]>([
  ['301', { status: 301 }],
  ['308', { status: 308 }],
  ['404', { status: 404, body: '<h1>Not found</h1>' }],
  ['421', { status: 421 }],
])('parks nothing where the old instance answers 503 first, then %s', async (_, then) => {
  org.moveSilently({ status: 503, body: '<h1>Moving</h1>' });
  const one = delivery();
  expect(await one.failure()).toMatchObject({ type: 'Unavailable', ours: false });
  expect(await one.failure()).toMatchObject({ type: 'Unavailable', ours: false });
  org.move(then);
  await waitsForSignIn(one);
  expect(org.signIns()).toBe(2);
  passes(60_001);
  await one.attempt();
  expect(org.records('Case')).toHaveLength(2);
  expect(org.signIns()).toBe(3);
});

it('lets what Salesforce itself says of a record stand, also within that minute', async () => {
  org.moveSilently({ status: 503 });
  await delivery().failure();
  org.moveSilently({ status: 404, body: notFound });
  expect(await delivery().failure()).toMatchObject({ type: 'Rejected', details: { errorCodes: ['NOT_FOUND'] } });
});

it('is not asked for in vain by a delivery that has just signed in', async () => {
  org.moveSilently({ status: 404 });
  expect(await delivery({ edition: 2 }).failure()).toMatchObject({ type: 'Rejected' });
  expect(org.signIns()).toBe(2);
});

it('tells the check what deliveries meet', async () => {
  org.moveSilently({ status: 301, location: `${elsewhere.origin}/` });
  const check = () => org.consumer.connection.check(org.account, AbortSignal.timeout(10_000));
  await expect(check()).rejects.toMatchObject({ type: 'InvalidConfig' });
  org.move({ status: 301 });
  expect(await check()).toContain(new URL(org.origin).host);
  expect(elsewhere.sockets()).toBe(0);
});

it('begins a new session when an operator has mended the connection, and no other way', async () => {
  await delivery({ edition: 1 }).attempt();
  expect(org.signIns()).toBe(1);
  await delivery({ edition: 2 }).attempt();
  await delivery({ edition: 2 }).attempt();
  expect(org.signIns()).toBe(2);
});
