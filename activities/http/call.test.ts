import type { Socket } from 'node:net';
import { errors } from 'undici';
import { callHttp, type HttpRequest } from './call';
import { startRawServer } from './fake';
import { createGuardedAgent, type GuardedAgent } from './guard';
import { networkFailure, noWholeAnswer } from './network-failure';

const closing: (() => unknown)[] = [];
let agent: GuardedAgent;

beforeAll(() => void (agent = createGuardedAgent({ allowedAddresses: ['127.0.0.1'] })));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => agent.destroy());

async function call(say: string | ((socket: Socket) => void), options: Partial<HttpRequest> = {}) {
  const server = await startRawServer(typeof say === 'string' ? (socket) => socket.end(say) : say);
  closing.push(server.close);
  const signal = new AbortController().signal;
  return await callHttp(agent, 'It', { method: 'GET', url: server.url, headers: {}, signal, ...options });
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const settingsFrame = '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80';

it.each([
  ['an HTTP/2 frame', settingsFrame],
  ["a proxy's text", 'Bad gateway\r\n'],
  ['an SMTP greeting', '220 mail.example.com ESMTP\r\n'],
  ['nothing', ''],
  ['half a status line', 'HTTP/1.1 20'],
  ['a header that is none', `${HEAD}no colon\r\n\r\n`],
  ['two lengths', `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`],
  ['headers above 16 KB', `${HEAD}x-long: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a body that ends before its length', `${HEAD}content-length: 10\r\n\r\nhalf`],
  ['a body in chunks that are none', `${HEAD}transfer-encoding: chunked\r\n\r\nZZ\r\nhalf`],
  ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'],
])('takes %s for no whole answer', async (_, text) => {
  await expect(call(text)).rejects.toMatchObject({ type: 'Unavailable', details: { code: expect.any(String) } });
});

it('gives up a body that does not end within its time, and keeps the status and headers', async () => {
  const drip = (status: string) => (socket: Socket) => {
    socket.write(`HTTP/1.1 ${status}\r\nretry-after: 7\r\ncontent-length: 1000\r\n\r\n`);
    const timer = setInterval(() => socket.write('x'), 20);
    socket.once('close', () => clearInterval(timer));
  };
  const options = { timeoutMs: 300 };
  await expect(call(drip('200 OK'), options)).rejects.toMatchObject({
    type: 'Unavailable',
    details: { status: 200, code: 'TIMEOUT' },
  });
  await expect(call(drip('429 Slow Down'), options)).rejects.toMatchObject({
    type: 'RateLimited',
    retryAfterMs: 7_000,
  });
  await expect(call(drip('503 Busy'), options)).rejects.toMatchObject({ type: 'Unavailable', retryAfterMs: 7_000 });
});

it('reads no more than is asked for', async () => {
  const endless = (socket: Socket): void => {
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
    const more = (): void => {
      while (socket.writable && socket.write(`400\r\n${'x'.repeat(1024)}\r\n`));
    };
    socket.on('drain', more);
    more();
  };
  await expect(call(endless, { maxBytes: 10_000 })).rejects.toMatchObject({
    type: 'Unavailable',
    details: { status: 200, code: 'ANSWER_TOO_LARGE' },
  });
  const whole = `${HEAD}content-length: 10\r\n\r\n0123456789`;
  expect(await call(whole, { maxBytes: 10 })).toMatchObject({ status: 200, body: '0123456789' });
});

describe("undici's errors", () => {
  /** Of calls that cannot be made, or of what is not used here. */
  const mistakes = `UndiciError AbortError InvalidArgumentError InvalidReturnValueError NotSupportedError ResponseError
    RequestContentLengthMismatchError BalancedPoolMissingUpstreamError RequestRetryError MaxOriginsReachedError Socks5ProxyError
    MessageSizeExceededError`.split(/\s+/);
  const all = Object.entries(errors as unknown as Record<string, new (...given: unknown[]) => Error>); // so they are
  const listed = all.filter(([, kind]) => noWholeAnswer.some((one) => (one as unknown) === kind)).map(([name]) => name);

  it('are all judged', () => {
    expect([...listed, ...mistakes].sort()).toEqual(all.map(([name]) => name).sort());
    expect(listed).toHaveLength(noWholeAnswer.length);
  });

  it.each(all)('%s is Unavailable, unless it is a mistake', (name, Kind) => {
    const error = new Kind('what', 200, {});
    const failure = networkFailure(error, 'It', new AbortController().signal);
    if (mistakes.includes(name)) expect(failure).toBe(error);
    else expect(failure).toMatchObject({ type: 'Unavailable', details: { code: expect.any(String) } });
  });
});
