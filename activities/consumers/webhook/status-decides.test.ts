import type { Socket } from 'node:net';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { startRawServer } from '../../http/fake';
import { EXAMPLE_SECRET } from './fake';
import { createWebhook } from './webhook';

const webhook = createWebhook({ allowedAddresses: ['127.0.0.1'] });
afterAll(() => webhook.close());

type Body = [what: string, go: (socket: Socket, head: string) => void];

const bodies: Body[] = [
  ['never comes', (socket, head) => socket.write(`${head}content-length: 5\r\n\r\n`)],
  [
    'drips',
    (socket, head) => {
      socket.write(`${head}content-length: 1000000\r\n\r\n`);
      const timer = setInterval(() => socket.write('x'), 10);
      socket.once('close', () => clearInterval(timer));
    },
  ],
  ['is too long', (socket, head) => socket.write(`${head}content-length: 9000000\r\n\r\n${'x'.repeat(500_000)}`)],
  ['is reset', (socket, head) => socket.write(`${head}content-length: 5\r\n\r\nab`, () => socket.resetAndDestroy())],
  ['is badly encoded', (socket, head) => socket.end(`${head}transfer-encoding: chunked\r\n\r\nZZZ\r\n`)],
  [
    'says it is gzip and is not',
    (socket, head) => socket.end(`${head}content-encoding: gzip\r\ncontent-length: 2\r\n\r\nno`),
  ],
];

it.each(bodies)('the status decides when the body %s', async (_, go) => {
  for (const [status, expected] of [
    ['200 OK', { status: 200 }],
    ['410 Gone', { type: 'ConnectionBroken', details: { status: 410 } }],
    ['429 Slow Down', { type: 'RateLimited', retryAfterMs: 9_000 }],
    ['503 Busy', { type: 'Unavailable', details: { status: 503 }, retryAfterMs: 9_000 }],
  ] as const) {
    let closed: Promise<unknown> | undefined;
    const server = await startRawServer((socket) => {
      closed = new Promise((resolve) => socket.once('close', resolve));
      go(socket, `HTTP/1.1 ${status}\r\nretry-after: 9\r\n`);
    });
    const account = { config: { url: server.url }, secrets: { secret: EXAMPLE_SECRET } };
    const started = performance.now();
    const sending = webhook.send(
      sendRequest(exampleEvent('Visitor.Rating'), { account, signal: AbortSignal.timeout(60_000) }),
    );
    expect(await sending.catch((error: unknown) => error)).toMatchObject(expected);
    await closed; // soon, by the sender, or by the server
    expect(performance.now() - started).toBeLessThan(30_000);
    await server.close();
  }
});
