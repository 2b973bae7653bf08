import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { catalogue, type ChatEvent } from '../../../events/catalogue';
import { readEvent } from '../../../events/read-event';
import { createNotice } from './notice';

let server: Server;
let answer = 200;
const keys: unknown[] = [];

beforeEach(async () => {
  server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    response.writeHead(answer).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function send(): Promise<Record<string, unknown>> {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const signal = new AbortController().signal;
  const request = { deliveryId: 'delivery-1', event: rating(), connectionId: null, signal };
  return createNotice(`http://127.0.0.1:${port}/`).send(request);
}

function rating(): ChatEvent {
  const input = { type: 'Visitor.Rating', data: catalogue['Visitor.Rating'].example };
  const result = readEvent(input, { id: 'rating-1', receivedAt: '2026-01-02T03:04:05.678Z' });
  if (!result.ok) throw new Error('The example is valid.');
  return result.event;
}

it('sends the delivery id as idempotency key', async () => {
  expect(await send()).toEqual({ status: 200 });
  expect(keys).toEqual(['delivery-1']);
});

it.each([
  [429, 'RateLimited'],
  [503, 'Unavailable'],
  [400, 'Rejected'],
])('takes the answer %i as %s', async (status, type) => {
  answer = status;
  await expect(send()).rejects.toMatchObject({ type, details: { status } });
});

it('tries again later when the service is down', async () => {
  const down = createNotice('http://127.0.0.1:9/'); // nothing listens there
  const { signal } = new AbortController();
  const request = { deliveryId: 'delivery-1', event: rating(), connectionId: null, signal };
  await expect(down.send(request)).rejects.toMatchObject({ type: 'Unavailable' });
});
