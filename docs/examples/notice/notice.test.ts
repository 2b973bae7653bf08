import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Receipt } from '../../../activities/consumer';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
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

function send(): Promise<Receipt> {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return createNotice(`http://127.0.0.1:${port}/`).send(request());
}

const request = () => sendRequest(exampleEvent('Visitor.Rating'), { deliveryId: 'delivery-1' });

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
  await expect(down.send(request())).rejects.toMatchObject({ type: 'Unavailable' });
});
