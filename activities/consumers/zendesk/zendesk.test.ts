import { exampleEvent, sendRequest } from '../../../tests/send-request';
import type { ChatEvent } from '../../../events/catalogue';
import type { Receipt } from '../../consumer';
import { DeliveryFailure } from '../../failures';
import { startFakeServer, type FakeRequest, type Fault } from '../../http/fake';
import { fakeUsers, isTicketCreation, rateLimited, startZendesk } from './fake';
import { createZendesk } from './zendesk';

const HOUR = 3600_000;
const JSON_TYPE = { 'content-type': 'application/json' };
const message: ChatEvent = { ...exampleEvent('OfflineMessage.Submit'), receivedAt: new Date().toISOString() };
const note = { position: 0, name: 'note.txt', content: Buffer.from('Hello, world!') };

let zendesk: Awaited<ReturnType<typeof startZendesk>>;
let consumer: ReturnType<typeof createZendesk>;
let now = 0;
/** What the requests meet that create a ticket, one after the other. */
let creations: Fault[] = [];
/** What any other request meets. */
let otherwise: (request: FakeRequest) => Fault | undefined;

beforeEach(async () => {
  now = Date.now();
  creations = [];
  otherwise = () => undefined;
  consumer = createZendesk({ allowedAddresses: ['127.0.0.1'] });
  zendesk = await startZendesk({
    clock: () => now,
    fault: (request) => (isTicketCreation(request) ? creations.shift() : otherwise(request)),
  });
});
afterEach(async () => {
  zendesk.release();
  await zendesk.close();
  await consumer.close();
});

interface Parts {
  readonly event?: ChatEvent;
  readonly config?: object;
  readonly files?: readonly (typeof note)[];
  readonly apiToken?: string;
}

/** A delivery that is tried as often as it is asked to, each time with what its row has kept. */
function delivery({ event = message, config = {}, files = [], apiToken }: Parts = {}) {
  const account = {
    config: { ...zendesk.account.config, ...config },
    secrets: apiToken === undefined ? zendesk.account.secrets : { apiToken },
  };
  const request = { ...sendRequest(event, { account, attachments: files }), connectionId: `${apiToken}` };
  let kept: Readonly<Record<string, unknown>> = {};
  let tries = 0;
  const save = async (done: object): Promise<void> => void (kept = { ...kept, ...done });
  return {
    id: request.deliveryId,
    attempt: (): Promise<Receipt> => consumer.send({ ...request, tries: tries++, progress: kept, saveProgress: save }),
    failure: async function (): Promise<DeliveryFailure> {
      const error: unknown = await this.attempt().catch((reason: unknown) => reason);
      if (!(error instanceof DeliveryFailure)) throw error;
      return error;
    },
    redrive: () => void (tries = 0),
    kept: () => kept,
  };
}

const created = () => zendesk.arrivals.filter(isTicketCreation);
const asked = () => zendesk.arrivals.map(({ method, path }) => `${method} ${path.replace('/api/v2', '')}`);

describe('a ticket comes once', () => {
  it('when the connection ends after it was created', async () => {
    creations = ['reset after'];
    const one = delivery();
    expect(await one.failure()).toMatchObject({ type: 'Unavailable' });
    const id = zendesk.tickets[0]?.id;
    expect(await one.attempt()).toEqual({
      ids: { ticket: String(id) },
      urls: { ticket: `${zendesk.origin}/agent/tickets/${id}` },
      found: true,
    });
    expect(zendesk.ticketsOf(one.id)).toHaveLength(1);
  });

  it('when Zendesk has forgotten the key: its external id finds it, without another POST', async () => {
    creations = ['reset after'];
    const one = delivery();
    await one.failure();
    now += 2 * HOUR + 1;
    expect(await one.attempt()).toMatchObject({ found: true });
    expect(created()).toHaveLength(1);
    expect(zendesk.tickets).toHaveLength(1);
  });

  it('when its tries begin anew, as after a redrive', async () => {
    creations = ['reset after'];
    const one = delivery();
    await one.failure();
    one.redrive();
    now += 3 * HOUR;
    expect(await one.attempt()).toMatchObject({ found: true });
    expect(created()).toHaveLength(1);
  });

  it('when the first request arrives after the second: both are answered with it', async () => {
    creations = ['hold'];
    const stalled = zendesk.next('stalled');
    const one = delivery();
    const late = one.attempt();
    await stalled;
    const receipt = await one.attempt();
    expect(receipt).toMatchObject({ lookup: 'miss' });
    zendesk.release();
    expect(await late).toEqual({ ...receipt, lookup: 'hit' });
    expect(zendesk.tickets).toHaveLength(1);
  });

  it('and the posted ticket stays the same, byte for byte, file and all', async () => {
    creations = [{ status: 500 }, { status: 502 }, { status: 409 }];
    const one = delivery({ files: [note], config: { customFields: { 360002: { from: 'title' } }, groupId: 71 } });
    for (let n = 0; n < 3; n += 1) await one.failure();
    now += 10_000;
    await one.attempt();
    const arrived = created();
    expect(arrived).toHaveLength(4);
    expect(new Set(arrived.map(({ body }) => body)).size).toBe(1);
    expect(new Set(arrived.map(({ headers }) => headers['idempotency-key']))).toEqual(new Set([one.id]));
    expect(zendesk.uploads).toHaveLength(1);
    expect(zendesk.tickets[0]?.comments[0]?.attachments).toMatchObject([{ file_name: 'note.txt', size: 13 }]);
  });

  it('and no other ticket is taken for it, where the look-up answers more than was asked for', async () => {
    await delivery().attempt();
    const body = JSON.stringify({ tickets: zendesk.tickets });
    otherwise = ({ path }) => (path.endsWith('/tickets.json') ? { status: 200, headers: JSON_TYPE, body } : undefined);
    creations = [{ status: 500 }];
    const one = delivery();
    await one.failure();
    await one.attempt();
    expect(zendesk.ticketsOf(one.id)).toHaveLength(1);
  });

  it('and it is not looked for before the first try, nor is the user asked for twice', async () => {
    await delivery().attempt();
    await delivery().attempt();
    expect(asked()).toEqual(['GET /users/me.json', 'POST /tickets.json', 'POST /tickets.json']);
  });

  it.each([
    ['takes the ticket that has the key', true, { found: false }],
    ['is refused when no ticket has it', false, { type: 'Rejected', details: { error: 'IdempotentRequestError' } }],
  ])('where the key was used with another body: %s', async (_, hasId, expected) => {
    const one = delivery();
    const body = { ticket: { comment: { body: 'Other' }, ...(hasId && { external_id: one.id }) } };
    const headers = { authorization: authorization(), 'idempotency-key': one.id };
    await fetch(`${zendesk.origin}/api/v2/tickets.json`, { method: 'POST', headers, body: JSON.stringify(body) });
    if ('type' in expected) expect(await one.failure()).toMatchObject(expected);
    else expect((await one.attempt()).ids).toEqual({ ticket: String(zendesk.tickets[0]?.id) });
    expect(zendesk.tickets).toHaveLength(1);
  });
});

const authorization = (): string =>
  `Basic ${Buffer.from(`${fakeUsers.integration.email}/token:${zendesk.account.secrets.apiToken}`).toString('base64')}`;

describe('what node-zendesk would take for success', () => {
  it.each<[string, Fault, object]>([
    ['429 in plain text', rateLimited(7), { type: 'RateLimited', retryAfterMs: 7_000 }],
    [
      '503 that says when',
      { status: 503, headers: { 'retry-after': '9' } },
      { type: 'Unavailable', retryAfterMs: 9_000 },
    ],
    ['502 in HTML', { status: 502, body: '<p>Bad gateway</p>' }, { type: 'Unavailable', details: { status: 502 } }],
    ['504', { status: 504 }, { type: 'Unavailable' }],
    ['413', { status: 413 }, { type: 'Rejected' }],
    ['418', { status: 418, headers: JSON_TYPE, body: '{"ticket":{"id":1}}' }, { type: 'Rejected' }],
  ])('%s is a failure, after one request', async (_, fault, expected) => {
    creations = [fault];
    expect(await delivery().failure()).toMatchObject(expected);
    expect(created()).toHaveLength(1);
    expect(zendesk.tickets).toHaveLength(0);
  });

  it('takes a success for one although it says Retry-After', async () => {
    const headers = { ...JSON_TYPE, 'retry-after': '1' };
    creations = [{ status: 201, headers, body: '{"ticket":{"id":7}}' }];
    expect(await delivery().attempt()).toMatchObject({ ids: { ticket: '7' } });
  });
});

describe('the token goes nowhere else', () => {
  it.each<[string, (path: string) => boolean]>([
    ['who signs in', (path) => path.endsWith('/users/me.json')],
    ['an upload', (path) => path.endsWith('/uploads.json')],
    ['a new ticket', (path) => path.endsWith('/tickets.json')],
  ])('when Zendesk redirects %s', async (_, isMeant) => {
    const elsewhere = await startFakeServer({ handle: () => ({ status: 200 }) });
    const redirect: Fault = { status: 302, headers: { location: `${elsewhere.origin}/api/v2/tickets.json` } };
    otherwise = ({ path }) => (isMeant(path) ? redirect : undefined);
    creations = isMeant('/tickets.json') ? [redirect] : [];
    const failure = await delivery({ files: [note] }).failure();
    expect(failure).toMatchObject({
      type: 'InvalidConfig',
      message: expect.stringContaining('no token is sent there'),
    });
    expect(elsewhere.sockets()).toBe(0);
    await elsewhere.close();
  });

  it('when a list goes on at another host', async () => {
    const elsewhere = await startFakeServer({ handle: () => ({ status: 200 }) });
    const body = JSON.stringify({ ticket_fields: [], next_page: `${elsewhere.origin}/?${zendesk.origin}/api/v2` });
    otherwise = ({ path }) =>
      path.endsWith('/ticket_fields.json') ? { status: 200, headers: JSON_TYPE, body } : undefined;
    const config = { ...zendesk.account.config, customFields: { 360001: { value: 'x' } } };
    const checking = consumer.connection.check({ ...zendesk.account, config }, AbortSignal.timeout(5_000));
    await expect(checking).rejects.toMatchObject({ type: 'Unavailable' });
    expect(elsewhere.sockets()).toBe(0);
    await elsewhere.close();
  });
});

describe('credentials', () => {
  it('that answer as "Anonymous user" break the connection at once', async () => {
    const one = delivery({ apiToken: 'wrong' });
    expect(await one.failure()).toMatchObject({ type: 'ConnectionBroken' });
    expect(asked()).toEqual(['GET /users/me.json']);
    const account = { ...zendesk.account, secrets: { apiToken: 'wrong' } };
    const checking = consumer.connection.check(account, AbortSignal.timeout(5_000));
    await expect(checking).rejects.toMatchObject({ type: 'ConnectionBroken' });
  });

  it.each<[string, Fault]>([
    ['of an end user', { status: 200, body: '{"user":{"id":5,"role":"end-user"}}' }],
    ['that are forbidden', { status: 403 }],
    ['that are unknown', { status: 401 }],
  ])('%s break the connection', async (_, fault) => {
    otherwise = () => fault;
    expect(await delivery().failure()).toMatchObject({ type: 'ConnectionBroken' });
  });

  it('may be an OAuth token', async () => {
    const { endpoint } = zendesk.account.config;
    const account = { config: { endpoint }, secrets: { oauthToken: zendesk.account.secrets.apiToken } };
    await consumer.send(sendRequest(message, { account }));
    expect(zendesk.arrivals[0]?.headers.authorization).toMatch(/^Bearer /);
    expect(zendesk.tickets).toHaveLength(1);
  });
});
