import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { EXAMPLE_SECRET } from '../../activities/consumers/webhook/fake';
import { messageId } from '../../activities/consumers/webhook/message';
import { createWebhook } from '../../activities/consumers/webhook/webhook';
import { exampleEvent, sendRequest } from '../../tests/send-request';
import { createReceiver, type Store } from './webhook-receiver';

const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const closing: (() => unknown)[] = [];
const inbox = new Map<string, string>();
const keep: Store = async (id, body) => inbox.has(id) || inbox.set(id, body);

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  inbox.clear();
});

/** A receiver that knows EXAMPLE_SECRET, and how to send an event to it. */
async function start(store = keep) {
  const receiver = createReceiver(EXAMPLE_SECRET, store).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const webhook = createWebhook({ allowedAddresses: ['127.0.0.1'] });
  closing.push(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  }, webhook.close);
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`; // it listens on TCP
  const send = (secrets: object = { secret: EXAMPLE_SECRET }) =>
    webhook.send(sendRequest(rating, { account: { config: { url }, secrets } }));
  return { url, send };
}

const rating = exampleEvent('Visitor.Rating');
const id = messageId(`Visitor.Rating/${rating.siteId}/${rating.id}`);

it('keeps what is sent, once however often it comes', async () => {
  const { send } = await start();
  expect(await send()).toEqual({ status: 204 });
  expect(await send()).toEqual({ status: 204 });
  expect([...inbox.keys()]).toEqual([id]);
  expect(JSON.parse(inbox.get(id) ?? '')).toMatchObject({ type: 'Visitor.Rating', data: { siteId: rating.siteId } });
});

it('takes a message while the secret is changed', async () => {
  const { send } = await start();
  expect(await send({ secret: OTHER_SECRET, previousSecret: EXAMPLE_SECRET })).toEqual({ status: 204 });
});

it('refuses another secret, no signature and an old one, and keeps nothing of them', async () => {
  const { url, send } = await start();
  await expect(send({ secret: OTHER_SECRET })).rejects.toMatchObject({ type: 'Unavailable', details: { status: 401 } });
  const old = {
    // The published example of Standard Webhooks, signed with this secret years ago.
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  for (const headers of [old, {}]) {
    expect((await fetch(url, { method: 'POST', headers, body: '{"test": 2432232314}' })).status).toBe(401);
  }
  expect(inbox.size).toBe(0);
});

it('asks for it again when it cannot be kept', async () => {
  const { send } = await start(() => Promise.reject(new Error('The disk is full.')));
  await expect(send()).rejects.toMatchObject({ type: 'Unavailable', details: { status: 500 } });
});
