import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import type { ChatEvent } from '../../../events/catalogue';
import { EXAMPLE_SECRET, startWebhookReceiver, type ReceiverOptions } from './fake';
import { MAX_BODY_BYTES, messageId } from './message';
import { signedHeaders } from './sign';
import { createWebhook } from './webhook';

const closing: (() => unknown)[] = [];
const OTHER_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: ReceiverOptions = {}) {
  const server = await startWebhookReceiver(options);
  const webhook = createWebhook({ allowedAddresses: ['127.0.0.1'], requestTimeoutMs: 2_000 });
  closing.push(server.close, webhook.close);
  const send = (event: ChatEvent, secrets: object = { secret: EXAMPLE_SECRET }) =>
    webhook.send(sendRequest(event, { account: { config: { url: server.url }, secrets } }));
  return { server, webhook, send };
}

const rating = exampleEvent('Visitor.Rating');

it('signs as the published vector says', () => {
  const at = new Date(1614265330_000);
  expect(signedHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', at, '{"test": 2432232314}', [EXAMPLE_SECRET])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('posts type, time and data of the event, under the id that the event has everywhere', async () => {
  const { server, send } = await start();
  expect(await send(rating)).toEqual({ status: 204 });
  const [arrival] = server.arrivals;
  expect(arrival).toMatchObject({
    isVerified: true,
    id: messageId(`Visitor.Rating/${rating.siteId}/${rating.id}`),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  expect(JSON.parse(arrival?.body ?? '')).toEqual({
    type: 'Visitor.Rating',
    timestamp: rating.receivedAt,
    data: JSON.parse(JSON.stringify(rating.data)),
  });
});

it('signs with the old and the new secret while it is changed', async () => {
  const { server, send } = await start();
  await send(rating, { secret: OTHER_SECRET, previousSecret: EXAMPLE_SECRET });
  const [arrival] = server.arrivals;
  expect(arrival?.isVerified).toBe(true); // the receiver knows the old one
  const { headers, body = '' } = arrival ?? {};
  const texts = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
  expect(() => new Webhook(OTHER_SECRET).verify(body, texts)).not.toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(24).toString('base64')}`).verify(body, texts)).toThrow('No matching');
});

it('names files without their bytes', async () => {
  const { server, send } = await start();
  const content = Buffer.from('file-marker').toString('base64');
  await send(exampleEvent('OfflineMessage.Submit', { AttachmentName: 'a.txt', AttachmentContent: content }));
  expect(server.arrivals[0]?.body).not.toContain(content);
  expect(JSON.parse(server.arrivals[0]?.body ?? '').data.attachments).toEqual([
    expect.objectContaining({ name: 'a.txt', size: 11 }),
  ]);
});

it('cuts a transcript that is too long, on a code point', async () => {
  const { server, send } = await start();
  const transcript = '😀"\n'.repeat(300_000);
  const Messages = Array.from({ length: 5_000 }, (_, i) => ({ Id: String(i), Content: 'x'.repeat(300) }));
  await send(exampleEvent('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 1, content: transcript, Messages } }));
  const body = server.arrivals[0]?.body ?? '';
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  const { data } = JSON.parse(body);
  expect(data.transcriptTruncated).toBe(true);
  expect(transcript.startsWith(data.chat.transcript)).toBe(true);
  expect(data.chat.transcript.length).toBeGreaterThan(100_000);
  expect(data.chat.transcript.isWellFormed()).toBe(true);
  expect(data.chat.messages.length).toBeGreaterThan(1_000);
});

it.each([
  [{ 'retry-after': '120' }, 120_000, 120_000],
  [{ 'retry-after': '99999999' }, 86_400_000, 86_400_000],
  [{ 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }, 3_590_000, 3_600_000],
  [{ 'retry-after': new Date(0).toUTCString() }, 0, 0],
])('comes back when it is told: %j', async (headers, least, most) => {
  const { send } = await start({ fault: () => ({ status: 429, headers }) });
  const failure = await send(rating).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'RateLimited', details: { status: 429 } });
  const { retryAfterMs } = failure as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThanOrEqual(least);
  expect(retryAfterMs).toBeLessThanOrEqual(most);
});

it.each([{}, { 'retry-after': 'soon' }])('goes by the schedule without a time: %j', async (headers) => {
  const { send } = await start({ fault: () => ({ status: 503, headers }) });
  await expect(send(rating)).rejects.toMatchObject({ type: 'Unavailable', retryAfterMs: undefined });
});

it.each([301, 302, 303, 307, 308])('does not follow a redirect by %i', async (status) => {
  const target = createServer();
  let connections = 0;
  target.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => target.close(resolve)));
  const { port } = target.address() as { port: number };
  const { send } = await start({ fault: () => ({ status, headers: { location: `http://127.0.0.1:${port}/` } }) });
  await expect(send(rating)).rejects.toMatchObject({ type: 'Unavailable', details: { status } });
  expect(connections).toBe(0);
});

it('breaks the connection when the endpoint is gone', async () => {
  const { send } = await start({ fault: () => ({ status: 410 }) });
  await expect(send(rating)).rejects.toMatchObject({ type: 'ConnectionBroken', details: { status: 410 } });
});

it('takes an answer of a megabyte as the success that its status says', async () => {
  const { send } = await start({ fault: () => 'huge' });
  expect(await send(rating)).toEqual({ status: 200 });
});

it('uses connections again', async () => {
  const { server, send } = await start();
  for (let i = 0; i < 10; i++) await send(rating);
  expect(server.sockets()).toBeLessThanOrEqual(2);
});

it('checks an endpoint by a signed test message, and names neither path nor query', async () => {
  const { server, webhook } = await start();
  const account = { config: { url: `${server.url}?token=t` }, secrets: { secret: EXAMPLE_SECRET } };
  const said = await webhook.connection.check(account, AbortSignal.timeout(5_000));
  expect(said).toMatch(/^127\.0\.0\.1:\d+ answers 204 after \d+ ms$/);
  expect(server.arrivals[0]).toMatchObject({ isVerified: true, body: expect.stringContaining('"webhook.test"') });
});

it.each([
  { url: 'ftp://example.com/' },
  { url: 'https://user:pass@example.com/' },
  { url: 'https://user@example.com/' },
  { url: 'not an address' },
  { url: 'https://' },
  {},
  { url: 'https://example.com/', more: 1 },
])('refuses the configuration %j', async (config) => {
  const { webhook } = await start();
  const request = sendRequest(rating, { account: { config, secrets: { secret: EXAMPLE_SECRET } } });
  await expect(webhook.send(request)).rejects.toMatchObject({ type: 'InvalidConfig' });
});

it.each([
  '',
  'whsec_',
  'whsec_c2hvcnQ=',
  EXAMPLE_SECRET.slice(6),
  `${EXAMPLE_SECRET}!`,
  `whsec_${Buffer.alloc(65).toString('base64')}`,
])('refuses %j as a secret, without repeating it', async (secret) => {
  const { server, send } = await start();
  const failure = await send(rating, { secret }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'InvalidConfig' });
  if (secret.length > 6) expect(String(failure)).not.toContain(secret);
  expect(server.requests()).toBe(0);
});
