import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { catalogue } from '../events/catalogue';
import { banText, banWithEnd, hostileBodies, hostileLists } from '../tests/hostile-bodies';
import { makeIngressFolder, type IngressFolder } from '../tests/ingress-environment';
import { readIngressConfig } from './config';
import { startIngress, type RunningIngress } from './start-ingress';

const ban = catalogue['Agent.Ban'].example;
const chat = { ...catalogue['Chat.Ended'].example } as Record<string, unknown>;
const PATH = '/v1/events/Agent.Ban';

let folder: IngressFolder;
let ingress: RunningIngress;
const logged: string[] = [];

// No cluster listens at its address: events stay in the journal.
beforeAll(async () => {
  folder = makeIngressFolder();
  const environment = { ...folder.environment, TEMPORAL_ADDRESS: '127.0.0.1:9' };
  const log = pino({ level: 'error' }, { write: (line) => void logged.push(line) });
  ingress = await startIngress(readIngressConfig(environment), log);
});

afterAll(async () => {
  await ingress.stop();
  folder.remove();
});

/** The status lines of all that the server answers to these bytes, until it closes the connection. */
function exchange(...parts: readonly (string | Buffer)[]): Promise<string[]> {
  const { hostname, port } = new URL(ingress.url);
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(port), hostname);
    socket.setEncoding('latin1').on('data', (text) => (answer += text));
    socket.on('error', () => {}); // a connection that the server resets has its answer before
    socket.once('close', () => resolve([...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status = '']) => status)));
    for (const part of parts) socket.write(part);
    socket.end();
  });
}

interface Sent {
  readonly path?: string;
  /** Text, or JSON of it. */
  readonly body: unknown;
  readonly token?: string;
  /** Over the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers to a request that is well-formed as HTTP. The token is that of site 10001 alone. */
async function post({ path = PATH, body, token = folder.tokenOfOne, headers = {} }: Sent) {
  const given = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'h' };
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const response = await fetch(`${ingress.url}${path}`, {
    method: 'POST',
    headers: { ...given, ...headers },
    body: text,
  });
  const answer = (await response.json()) as { key?: string; type?: string; problems?: readonly object[] }; // a receipt or a problem
  return { status: response.status, ...answer };
}

it.each(hostileBodies)('%s as body is answered with its status', async (_, body, status) => {
  const answer = await post({ body, headers: { 'idempotency-key': 'a' } });
  const others = status === 202 ? [409] : [];
  expect([status, ...others]).toContain(answer.status);
});

it.each(hostileLists)('%s are refused', async (_, body, form, status) => {
  expect(await post({ path: '/v1/events', body, headers: { 'content-type': form } })).toMatchObject({ status });
});

it('a prototype is never changed, and what is sent as one is data', async () => {
  const bodies = [
    '"__proto__":{"polluted":1}',
    '"constructor":{"prototype":{"polluted":1}}',
    '"toString":{"__proto__":[]}',
  ];
  for (const [index, end] of bodies.entries()) {
    expect(await post({ body: banWithEnd(end), headers: { 'idempotency-key': `p-${index}` } })).toMatchObject({
      status: 202,
    });
  }
  const inherited = '{"__proto__":{"SiteId":10001,"BanType":0,"IpFromOrVisitorId":1}}';
  expect(await post({ body: inherited })).toMatchObject({ status: 422 });
  expect('polluted' in {}).toBe(false);
});

const { Chat } = catalogue['Chat.Ended'].example as { Chat: object };
const CHAT_ENDED = '/v1/events/Chat.Ended';

const { SiteId: _, ...siteless } = ban;
const envelope = { type: 'Agent.Ban', id: 'h', data: siteless };
const cloudEvent = { ...envelope, specversion: '1.0', source: '/' };
const binary = { 'ce-specversion': '1.0', 'ce-source': '/', 'ce-type': 'Agent.Ban', 'ce-id': 'h' };
const asCloudEvent = { 'content-type': 'application/cloudevents+json' };

// The token is for site 10001 alone.
const otherSites: readonly (readonly [what: string, sent: Sent])[] = [
  ['named', { body: { ...ban, SiteId: 10002 } }],
  ['named twice, the other one last', { body: banWithEnd('"SiteId":10002') }],
  ['named in another case', { body: banText.replace('SiteId', 'SITEID').replace('10001', '10002') }],
  ['named in an escaped key', { body: banWithEnd('"Site\\u0049d":10002') }],
  ['named as text', { body: { ...ban, SiteId: ' 10002 ' } }],
  ['named beyond 2^53', { body: banText.replace('10001', '9007199254740993') }],
  ['in an object with the type', { path: '/v1/events', body: { ...envelope, data: { ...ban, SiteId: 10002 } } }],
  ['beside the data', { path: '/v1/events', body: { ...envelope, siteId: 10002 } }],
  ['of a CloudEvent', { path: '/v1/events', body: { ...cloudEvent, siteid: '10002' }, headers: asCloudEvent }],
  ['of one in binary mode', { path: '/v1/events', body: siteless, headers: { ...binary, 'ce-siteid': '10002' } }],
  ['of the chat', { path: CHAT_ENDED, body: { Chat: { ...Chat, SiteId: 10002 }, SiteId: 10001 } }],
  ['of the chat, in another case', { path: CHAT_ENDED, body: { chat: { ...Chat, SiteId: 10002 } } }],
  ['of the chat, its fields in the data', { path: CHAT_ENDED, body: { ...Chat, SiteId: 10002 } }],
];

it.each(otherSites)('another site is refused: %s', async (_, sent) => {
  expect(await post(sent)).toMatchObject({ status: 403, type: 'urn:chat-events:SiteNotAllowed' });
});

it('two sites of one event are refused, and of several events only those of the other site', async () => {
  const foreign = { ...envelope, data: { ...ban, SiteId: 10002 } };
  expect(await post({ path: '/v1/events', body: { ...foreign, siteId: 10001 } })).toMatchObject({ status: 422 });
  const body = [foreign, { ...envelope, id: 'own', siteId: 10001 }].map((line) => JSON.stringify(line)).join('\n');
  const headers = { 'content-type': 'application/x-ndjson' };
  expect(await post({ path: '/v1/events', body, headers })).toMatchObject({
    accepted: 1,
    results: [{ status: 403 }, { status: 202, key: 'Agent.Ban/10001/own' }],
  });
});

it.each([
  ['in another spelling of the field, which loses', banWithEnd('"siteid":10002')],
  ['first, and then the right one', `{"SiteId":10002,${banText.slice(1)}`],
  ['in an unknown field', banWithEnd('"Site":{"SiteId":10002}')],
])('a site that does not count does not change the event: %s', async (what, body) => {
  expect(await post({ body, headers: { 'idempotency-key': what } })).toMatchObject({
    status: 202,
    key: `Agent.Ban/10001/${what}`,
  });
});

it.each([
  ['10002/x', 202],
  ['../10002/x', 202],
  ['x'.repeat(300), 422],
  ['"unclosed', 400],
  ['a, b', 202],
  ['{00000000-0000-0000-0000-000000000000}', 400],
  ['\u00e9', 400],
])('the id %j stays within its site, or is refused', async (id, status) => {
  const answer = await post({ body: ban, headers: { 'idempotency-key': id } });
  expect(answer.status).toBe(status);
  if (status === 202) expect(answer.key).toBe(`Agent.Ban/10001/${id}`);
});

it.each([
  '__proto__',
  'constructor',
  'toString',
  'Agent.Ban%2f10002',
  '%2e%2e%2f%2e%2e',
  '%E0%A4%A',
  'x'.repeat(8_000),
  '%F0%9F%92%A9',
])('the type %j is refused', async (type) => {
  const { status } = await post({ path: `/v1/events/${type}`, body: ban });
  expect([400, 404, 422]).toContain(status);
});

it.each([
  ['a bomb of gzip', { 'content-encoding': 'gzip' }, 415],
  ['a bomb of deflate in another case', { 'content-encoding': 'DEFLATE' }, 415],
  ['brotli after nothing', { 'content-encoding': 'identity, br' }, 415],
  ['another form', { 'content-type': 'application/xml' }, 415],
  ['another character set', { 'content-type': 'application/json; charset=utf-16' }, 415],
  ['a form of several parts', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
  ['no token', { authorization: '' }, 401],
  ['another scheme', { authorization: 'Basic Y2hhdDpjaGF0' }, 401],
  ['a token of 8 kB', { authorization: `Bearer ${'x'.repeat(8_000)}` }, 401],
  ['a token with something behind it', { authorization: 'Bearer chev_x, Bearer chev_y' }, 401],
])('%s is refused before the body is read', async (_, headers, status) => {
  expect(await post({ body: gzipSync(Buffer.alloc(10 * 1024 * 1024)), headers })).toMatchObject({ status });
});

const head = (lines: readonly string[], path = PATH): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${folder.tokenOfOne}`,
    'Content-Type: application/json',
    ...lines,
    '',
    '',
  ].join('\r\n');
/** A whole request whose event would be smuggled. */
const smuggled = (): string => `${head(['Idempotency-Key: smuggled', `Content-Length: ${banText.length}`])}${banText}`;

const forms: readonly (readonly [what: string, bytes: () => string | Buffer, statuses: readonly string[]])[] = [
  [
    'length and chunks',
    () => `${head(['Content-Length: 4', 'Transfer-Encoding: chunked'])}0\r\n\r\n${smuggled()}`,
    ['400'],
  ],
  [
    'chunks and length',
    () => `${head(['Transfer-Encoding: chunked', 'Content-Length: 4'])}0\r\n\r\n${smuggled()}`,
    ['400'],
  ],
  ['two lengths', () => `${head(['Content-Length: 0', `Content-Length: ${banText.length}`])}${smuggled()}`, ['400']],
  ['a length with a sign', () => `${head(['Content-Length: +0'])}${smuggled()}`, ['400']],
  ['a length in hex', () => `${head(['Content-Length: 0x0'])}${smuggled()}`, ['400']],
  ['an unknown coding of the transfer', () => `${head(['Transfer-Encoding: xchunked'])}${smuggled()}`, ['400']],
  ['chunked, not last', () => `${head(['Transfer-Encoding: chunked, identity'])}0\r\n\r\n${smuggled()}`, ['400']],
  ['a blank before the colon', () => `${head(['Content-Length : 0'])}${smuggled()}`, ['400']],
  ['a folded header', () => `${head(['X: a', ' Transfer-Encoding: chunked', 'Content-Length: 0'])}`, ['400']],
  ['a line end of one character', () => smuggled().replaceAll('\r\n', '\n'), ['400']],
  ['a chunk of no hex', () => `${head(['Transfer-Encoding: chunked'])}zz\r\n${smuggled()}`, ['400']],
  ['a chunk of 2^64 bytes', () => `${head(['Transfer-Encoding: chunked'])}10000000000000000\r\n`, ['400']],
  ['a NUL in a header', () => head(['X: a\0b', 'Content-Length: 0']), ['400']],
  ['no host', () => 'GET /healthz HTTP/1.1\r\n\r\n', ['400']],
  ['HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ['400']],
  ['TLS', () => Buffer.from('160301020001', 'hex'), ['400']],
  ['headers of 100 kB', () => head([`X: ${'x'.repeat(100_000)}`, 'Content-Length: 0']), ['431']],
  ['10,000 headers', () => head(Array.from({ length: 10_000 }, (_, index) => `X${index}: 1`)), ['431']],
  ['two ids', () => smuggled().replace('\r\n', '\r\nIdempotency-Key: b\r\n'), ['400']],
  ['another expectation', () => head(['Expect: everything', 'Content-Length: 0', 'Connection: close']), ['417']],
];

it.each(forms)('one request is one answer, and nothing is smuggled: %s', async (_, bytes, statuses) => {
  expect(await exchange(bytes())).toEqual(statuses);
});

it('a body that stays behind its length, and a chunk that does not end, publish nothing', async () => {
  const short = await exchange(head(['Idempotency-Key: short', `Content-Length: ${banText.length + 1}`]), banText);
  const open = await exchange(
    head(['Idempotency-Key: open', 'Transfer-Encoding: chunked']),
    `${banText.length.toString(16)}\r\n${banText}`,
  );
  for (const statuses of [short, open]) expect(statuses.filter((status) => !status.startsWith('4'))).toEqual([]);
});

it('answers as before, and has logged no mistake of its own', async () => {
  expect(logged).toEqual([]);
  expect(await post({ path: CHAT_ENDED, body: chat })).toMatchObject({ status: 202 });
});
