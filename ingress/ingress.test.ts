import { readFileSync } from 'node:fs';
import { CloudEvent, HTTP, type Message } from 'cloudevents';
import { pino } from 'pino';
import { catalogue } from '../events/catalogue';
import { freePort } from '../stack/free-port';
import { makeIngressFolder, type IngressFolder } from '../tests/ingress-environment';
import { readIngressConfig } from './config';
import { startIngress, type RunningIngress } from './start-ingress';

const ban = catalogue['Agent.Ban'].example;
const chat = catalogue['Chat.Ended'].example;

let folder: IngressFolder;
let ingress: RunningIngress;

// No cluster listens at its address: events stay in the journal.
beforeAll(async () => {
  folder = makeIngressFolder();
  const environment = { ...folder.environment, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` };
  const config = readIngressConfig(environment);
  const publisher = { ...config.publisher, deadlineMs: 1_000 }; // how long it waits for the cluster when it stops
  ingress = await startIngress({ ...config, publisher }, pino({ level: 'silent' }));
});

afterAll(async () => {
  await ingress.stop();
  folder.remove();
});

interface Sent {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

async function send(path: string, { body = ban, token = folder.token, headers = {}, method = 'POST' }: Sent = {}) {
  const response = await fetch(`${ingress.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    headers: response.headers,
    body: (text.startsWith('{') ? JSON.parse(text) : text) as Record<string, unknown>, // each answer is an object or a line
  };
}

const withId = (id: string) => ({ 'idempotency-key': id });

test('an event is in the journal when it is answered with 202 and its receipt', async () => {
  expect(await send('/v1/events/Chat.Ended', { body: chat })).toMatchObject({
    status: 202,
    type: 'application/json; charset=utf-8',
    body: { key: expect.stringMatching(/^Chat\.Ended\/10001\//), acceptedBy: 'journal', duplicate: false },
  });
});

test.each([
  ['no token', { headers: { authorization: '' } }, 401, 'TokenRequired'],
  ['a token that is not in the file', { token: 'chev_unknown' }, 401, 'TokenRequired'],
  ['a token of another site', { body: { ...ban, SiteId: 10002 }, token: 'one' }, 403, 'SiteNotAllowed'],
  ['no id, where the type has none of its own', { headers: {} }, 400, 'IdRequired'],
  ['a body that is no JSON', { body: '{"SiteId": 1' }, 400, 'InvalidEvent'],
  ['another form', { headers: { 'content-type': 'text/plain' } }, 415, 'UnsupportedMediaType'],
  ['a compressed body', { headers: { 'content-encoding': 'gzip' } }, 415, 'UnsupportedMediaType'],
  ['a body above the limit', { body: ' '.repeat(7 * 1024 * 1024) }, 413, 'RequestTooLarge'],
] as const)('%s is refused', async (what, sent: Sent, status, name) => {
  const token = sent.token === 'one' ? folder.tokenOfOne : sent.token;
  const headers = { ...(what.startsWith('no id') ? {} : withId('a')), ...sent.headers };
  const answer = await send('/v1/events/Agent.Ban', { ...sent, ...(token && { token }), headers });
  expect(answer).toMatchObject({
    status,
    type: 'application/problem+json; charset=utf-8',
    body: { type: `urn:chat-events:${name}`, status, title: expect.any(String), detail: expect.any(String) },
  });
});

test('an id that the journal has with other content is a conflict, with the same content it is one event', async () => {
  const body = { ...ban, Comment: 'other' };
  expect(await send('/v1/events/Agent.Ban', { headers: withId('twice') })).toMatchObject({ status: 202 });
  expect(await send('/v1/events/Agent.Ban', { headers: withId('twice') })).toMatchObject({ status: 202 });
  expect(await send('/v1/events/Agent.Ban', { headers: withId('twice'), body })).toMatchObject({
    status: 409,
    body: { type: 'urn:chat-events:IdConflict', key: 'Agent.Ban/10001/twice' },
  });
});

test('every wrong field is named by its path', async () => {
  const body = { SiteId: 10001, BanType: {}, AgentId: {}, IpFromOrVisitorId: 1 };
  const answer = await send('/v1/events/Agent.Ban', { body, headers: withId('b') });
  expect(answer).toMatchObject({
    status: 422,
    body: {
      problems: expect.arrayContaining(
        ['data.AgentId', 'data.BanType'].map((path) => expect.objectContaining({ path })),
      ),
    },
  });
});

test('another method and another address are refused', async () => {
  expect(await send('/v1/events/Agent.Ban', { method: 'GET' })).toMatchObject({
    status: 405,
    body: { type: 'urn:chat-events:MethodNotAllowed' },
  });
  for (const path of ['/v2/events', `/v1/events/${'a'.repeat(200)}`, '/v1/events/%ff']) {
    expect(await send(path)).toMatchObject({ status: 404, body: { type: 'urn:chat-events:NotFound' } });
  }
});

test('an integer beyond 2^53 stays whole, and an id in quotes is the id', async () => {
  const body = JSON.stringify(ban).replace(/"SiteId":\d+/, '"SiteId":9007199254740993');
  expect(await send('/v1/events/Agent.Ban', { body, headers: withId('"b-1"') })).toMatchObject({
    status: 202,
    body: { id: 'b-1', key: 'Agent.Ban/9007199254740993/b-1' },
  });
});

describe('CloudEvents', () => {
  const event = (id: string, data: object = ban) =>
    new CloudEvent({ id, type: 'Agent.Ban', source: '/chat/1', data, datacontenttype: 'application/json' });
  const sendMessage = ({ headers, body }: Message) =>
    send('/v1/events', { headers: { ...(headers as Record<string, string>) }, body });

  test.each(['binary', 'structured'] as const)('one in %s mode is accepted under its id', async (mode) => {
    expect(await sendMessage(HTTP[mode](event(`ce-${mode}`)))).toMatchObject({
      status: 202,
      body: { key: `Agent.Ban/10001/ce-${mode}` },
    });
  });

  test('each of a batch has a result of its own, and one that is refused holds up no other', async () => {
    const body = [
      event('ce-1'),
      { ...event('ce-2').toJSON(), data: {} },
      { type: 'Agent.Ban', specversion: '1.0' },
      event('ce-3'),
    ];
    const answer = await send('/v1/events', {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      body,
    });
    expect(answer).toMatchObject({
      status: 422,
      type: 'application/problem+json; charset=utf-8',
      body: {
        type: 'urn:chat-events:SomeRefused',
        accepted: 2,
        refused: 2,
        results: [
          { status: 202, key: 'Agent.Ban/10001/ce-1' },
          { status: 422, type: 'urn:chat-events:InvalidEvent', id: 'ce-2' },
          { status: 422, problems: [{ path: 'id' }, { path: 'source' }] },
          { status: 202, key: 'Agent.Ban/10001/ce-3' },
        ],
      },
    });
  });

  test('integers beyond 2^53 stay whole, and base64 is read', async () => {
    const data = JSON.stringify(ban).replace(/"SiteId":\d+/, '"SiteId":9007199254740993');
    const text = JSON.stringify({ ...event('ce-4').toJSON(), data: 'DATA' }).replace('"DATA"', data);
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(await send('/v1/events', { headers, body: text })).toMatchObject({
      body: { key: 'Agent.Ban/9007199254740993/ce-4' },
    });
    const { data: _, ...attributes } = event('ce-5').toJSON();
    const body = { ...attributes, data_base64: Buffer.from(data).toString('base64') };
    expect(await send('/v1/events', { headers, body })).toMatchObject({
      body: { key: 'Agent.Ban/9007199254740993/ce-5' },
    });
  });

  test('data that are no JSON are refused', async () => {
    const body = { ...event('ce-6').toJSON(), datacontenttype: 'text/xml' };
    const headers = { 'content-type': 'application/cloudevents+json' };
    expect(await send('/v1/events', { headers, body })).toMatchObject({ status: 415 });
  });
});

test('lines of JSON are accepted one by one', async () => {
  const lines = [
    { type: 'Agent.Ban', id: 'line-1', data: ban },
    { type: 'Agent.Ban', data: ban },
    { type: 'Agent.Ban', id: 'line-3', data: { ...ban, SiteId: 10002 } },
    { type: 'Chat.Ended', data: chat },
  ].map((line) => JSON.stringify(line));
  const headers = { 'content-type': 'application/x-ndjson' };
  const body = `${lines.slice(0, 2).join('\n')}\n\n{"type"\n${lines.slice(2).join('\r\n')}\n`;
  expect(await send('/v1/events', { headers, body, token: folder.tokenOfOne })).toMatchObject({
    status: 422,
    body: {
      results: [
        { status: 202, key: 'Agent.Ban/10001/line-1' },
        { status: 400, type: 'urn:chat-events:IdRequired' },
        { status: 400, type: 'urn:chat-events:InvalidEvent' },
        { status: 403, type: 'urn:chat-events:SiteNotAllowed' },
        { status: 202, key: expect.stringMatching(/^Chat\.Ended/) },
      ],
    },
  });
  expect(await send('/v1/events', { headers, body: lines.join('\n') })).toMatchObject({ body: { accepted: 3 } });
});

test('one event in an object names its type, and its id there or in the header', async () => {
  expect(await send('/v1/events', { body: { type: 'Agent.Ban', data: ban }, headers: withId('o-1') })).toMatchObject({
    status: 202,
    body: { id: 'o-1' },
  });
  for (const wrong of [{ toString: 1 }, [], true]) {
    const body = { type: 'Agent.Ban', id: wrong, data: ban };
    const ofId = await send('/v1/events', { body, headers: withId('o-3') });
    expect(ofId).toMatchObject({ status: 422, body: { problems: [{ path: 'id' }] } });
    const ofType = await send('/v1/events', { body: { type: wrong, id: 'o-3', data: ban } });
    expect(ofType).toMatchObject({ status: 422, body: { problems: [{ path: 'type' }] } });
  }
  const nulls = { type: 'Agent.Ban', id: null, siteId: null, receivedAt: null, data: ban };
  expect(await send('/v1/events', { body: nulls, headers: withId('o-6') })).toMatchObject({ body: { id: 'o-6' } });
  const two = { type: 'Agent.Ban', id: 'o-4', data: ban };
  expect(await send('/v1/events', { body: two, headers: withId('o-4') })).toMatchObject({ status: 202 });
  expect(await send('/v1/events', { body: two, headers: withId('o-5') })).toMatchObject({ status: 400 });
  const body = { type: 'Agent.Ban', id: 'o-2', data: ban, at: 1 };
  expect(await send('/v1/events', { body })).toMatchObject({ status: 422, body: { problems: [{ path: 'at' }] } });
});

test('it says how it is, without a token', async () => {
  expect(await send('/healthz', { method: 'GET' })).toMatchObject({ status: 200, body: 'ok\n' });
  expect(await send('/readyz', { method: 'GET' })).toMatchObject({
    status: 200,
    body: { ready: true, journal: { waitingBytes: 0 }, clusters: [{ name: 'main' }] },
  });
  const { body } = await send('/metrics', { method: 'GET' });
  expect(body).toMatch(/^chat_events_ingress_events_total\{outcome="accepted"\} \d+$/m);
  expect(body).toMatch(/^chat_events_ingress_request_seconds_count\{route="\/v1\/events\/:type",status="422"\} \d+$/m);
  expect(body).toMatch(/^chat_events_publisher_journal_events \d+$/m);
  expect(body).toMatch(/^chat_events_ingress_held_bytes 0$/m);
});

test('the description is served for programs, and as a page that loads nothing', async () => {
  const json = await send('/openapi.json', { method: 'GET' });
  expect(json).toMatchObject({ status: 200, body: JSON.parse(readFileSync('docs/openapi.json', 'utf8')) });
  const page = await send('/', { method: 'GET' });
  expect(page).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  for (const type of Object.keys(catalogue)) expect(page.body).toContain(`POST /v1/events/${type}<`);
  expect(page.body).not.toMatch(/<script|src=|url\(|undefined|\[object/);
});
