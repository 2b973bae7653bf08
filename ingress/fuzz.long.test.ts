import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { pino } from 'pino';
import { Pool } from 'undici';
import { catalogue } from '../events/catalogue';
import { createRandom } from '../lab/random';
import { hostileBodies } from '../tests/hostile-bodies';
import { makeIngressFolder, type IngressFolder } from '../tests/ingress-environment';
import { readIngressConfig } from './config';
import { startIngress, type RunningIngress } from './start-ingress';

/** FUZZ_REQUESTS=1000000 for a night; FUZZ_SEED repeats a run. */
const { FUZZ_REQUESTS: count = '100000', FUZZ_SEED: seed = String(Date.now() % 2 ** 31) } = process.env;
const REQUESTS = Number(count);
const AT_ONCE = 16;
const MAX_SEED_BYTES = 32_000;

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

const random = createRandom(Number(seed));
type List<T> = readonly [T, ...T[]];
const asList = <T>(list: readonly T[]): List<T> => list as List<T>; // each of them has some

const types = asList(Object.keys(catalogue));
const examples = Object.values(catalogue).map(({ example }) => Buffer.from(JSON.stringify(example)));
const events = Object.entries(catalogue).map(([type, { example: data }]) => ({ type, data, id: 'f', siteId: 10001 }));
const clouds = events.map(({ type, data, id }) => ({ specversion: '1.0', source: '/', type, data, id }));
const seeds = asList([
  ...examples,
  ...hostileBodies.map(([, body]) => Buffer.from(body)).filter(({ length }) => length < MAX_SEED_BYTES),
  ...events.map((event) => Buffer.from(JSON.stringify(event))),
  Buffer.from(events.map((event) => JSON.stringify(event)).join('\n')),
  Buffer.from(JSON.stringify(clouds[0])),
  Buffer.from(JSON.stringify(clouds)),
]);
const tokens = asList(
  '"SiteId":10002,|"siteid":10002,|"siteId":10002,|"__proto__":|{"$ref":"1"}|"$id":"1",|1e400|-0|9007199254740993|null|[]|{}|[[|"\\u0000"|"\\ud800"|\ufeff|\n|"id":"x",|"type":"Agent.Ban",|true|""|\\|"'
    .split('|')
    .map((token) => Buffer.from(token)),
);

/** Changes bytes: one of them, a range that goes, comes twice or is another's, a token in between, an end that is missing. */
function mutate(body: Buffer): Buffer {
  const at = random.between(0, body.length);
  const to = Math.min(body.length, at + random.between(1, 64));
  const [before, range, after] = [body.subarray(0, at), body.subarray(at, to), body.subarray(to)];
  const other = random.pick(seeds);
  const from = random.between(0, other.length);
  return random.pick<() => Buffer>([
    () => Buffer.concat([before, Buffer.from([random.between(0, 255)]), body.subarray(Math.min(body.length, at + 1))]),
    () => Buffer.concat([before, after]),
    () => Buffer.concat([before, range, range, after]),
    () => Buffer.concat([before, random.pick(tokens), body.subarray(at)]),
    () => Buffer.concat([before, random.pick(tokens), after]),
    () => before,
    () => Buffer.concat([before, other.subarray(from, from + 200), after]),
  ])();
}

function makeRequest() {
  let body: Buffer = random.pick(seeds);
  for (let changes = random.between(0, 4); changes > 0; changes--) body = mutate(body);
  const path = random.pick([
    `/v1/events/${random.pick(types)}`,
    `/v1/events/${random.pick(types)}`,
    '/v1/events',
    `/v1/events/${random.pick(types).toLowerCase()}?x=1`,
    `/v1/events/${encodeURIComponent(body.toString('latin1', 0, 40))}`,
    '/openapi.json',
    `/${random.pick(types)}/../../v1/events/%2e`,
  ]);
  const form = random.pick([
    'application/json',
    'application/json',
    'application/json; charset=utf-8',
    'application/x-ndjson',
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'text/plain',
  ]);
  const id = random.pick([
    `f-${random.between(0, 1_000_000)}`,
    `f-${random.between(0, 9)}`,
    '"f"',
    '../10002/x',
    ' ',
    '0',
  ]);
  return {
    method: random.chance(0.95) ? ('POST' as const) : random.pick(['GET', 'PUT', 'DELETE', 'OPTIONS'] as const),
    path,
    headers: {
      'content-type': form,
      ...(random.chance(0.97) && { authorization: `Bearer ${random.chance(0.95) ? folder.tokenOfOne : 'chev_other'}` }),
      ...(random.chance(0.8) && { 'idempotency-key': id }),
      ...(random.chance(0.05) && {
        'ce-specversion': '1.0',
        'ce-id': id,
        'ce-type': random.pick(types),
        'ce-source': '/',
      }),
      ...(random.chance(0.02) && { 'content-encoding': random.pick(['gzip', 'br', 'identity']) }),
    },
    body,
  };
}

/** The keys in an answer: of one receipt, or of each of several. */
function keysOf(text: string): string[] {
  const { key, results = [] } = JSON.parse(text) as { key?: string; results?: { status: number; key?: string }[] };
  return [key, ...results.filter(({ status }) => status === 202).map((result) => result.key)].filter(
    (one) => one !== undefined,
  );
}

it(
  `answers ${REQUESTS} changed requests (seed ${seed}) without a mistake, and accepts no event of another site`,
  async () => {
    const pool = new Pool(ingress.url, { connections: AT_ONCE });
    const statuses = new Map<number, number>();
    const wrong: object[] = [];
    let sent = 0;
    const client = async (): Promise<void> => {
      while (sent++ < REQUESTS) {
        const request = makeRequest();
        const { statusCode: status, body } = await pool.request(request);
        const text = await body.text();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const keys = status === 202 || text.includes('"results"') ? keysOf(text) : [];
        const isForeign = keys.some((key) => key.split('/')[1] !== '10001');
        if ((status >= 500 && status !== 503) || isForeign)
          wrong.push({ ...request, body: request.body.toString(), status, text });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    await pool.close();
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(logged).toEqual([]);
    expect('polluted' in {}).toBe(false);
    // All that is tested was reached.
    for (const status of [202, 400, 401, 403, 404, 405, 415, 422]) expect([...statuses.keys()]).toContain(status);
  },
  530_000 + REQUESTS * 10,
);

it('200 callers that send a byte a second hold up no other, and are ended', async () => {
  const { hostname, port } = new URL(ingress.url);
  const slow = await Promise.all(
    Array.from({ length: 200 }, async (_, index): Promise<Socket> => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {}); // the server may reset it
      await once(socket, 'connect');
      const headers = `POST /v1/events/Agent.Ban HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${folder.token}\r\n`;
      // Half of them never end their headers, the others their body.
      socket.write(
        index % 2 === 0 ? headers : `${headers}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n`,
      );
      return socket.resume();
    }),
  );
  const dripping = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('x')), 1_000);
  const ended = Promise.all(slow.map((socket) => once(socket, 'close')));
  const headers = {
    authorization: `Bearer ${folder.token}`,
    'content-type': 'application/json',
    'idempotency-key': 'quick',
  };
  const body = JSON.stringify(catalogue['Agent.Ban'].example);
  const { status } = await fetch(`${ingress.url}/v1/events/Agent.Ban`, { method: 'POST', headers, body });
  expect(status).toBe(202);
  await ended;
  clearInterval(dripping);
}, 60_000);
