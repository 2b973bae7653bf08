import { lookup } from 'node:dns/promises';
import { getEventListeners } from 'node:events';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { startDnsServer } from '../../http/dns/fake';
import { createHostResolver, sendingSite } from '../../http/dns/host-resolver';
import { EXAMPLE_SECRET, startWebhookReceiver } from './fake';
import { createWebhook } from './webhook';

let names: Awaited<ReturnType<typeof startDnsServer>>;
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
let webhook: ReturnType<typeof createWebhook>;

beforeAll(async () => {
  names = await startDnsServer({ answer: (name) => (name.startsWith('silent') ? 'silent' : ['127.0.0.1']) });
  receiver = await startWebhookReceiver();
  const resolver = createHostResolver({ servers: [names.address], resolvFile: '/there/is/none', deadlineMs: 60_000 });
  webhook = createWebhook({ allowedAddresses: ['127.0.0.1'], resolver });
});

afterAll(async () => {
  await webhook.close();
  await receiver.close();
  await names.close();
});

const sendTo = (site: string, host: string, signal = AbortSignal.timeout(60_000)) =>
  sendingSite.run(site, async () => {
    const url = `http://${host}:${new URL(receiver.url).port}/hook`;
    const account = { config: { url }, secrets: { secret: EXAMPLE_SECRET } };
    return await webhook.send(sendRequest(exampleEvent('Visitor.Rating'), { account, signal }));
  });

it('a site whose hosts have silent name servers holds up no other site, and no look-up of the system', async () => {
  const leaving = new AbortController();
  let ended = 0;
  const hanging = Array.from({ length: 10 }, async (_, n) => {
    const error: unknown = await sendTo('a', `silent${n}.example`, leaving.signal).catch((reason: unknown) => reason);
    ended += 1;
    return error;
  });
  while (new Set(names.questions).size < 10) await names.next();
  expect(await sendTo('b', 'shop.example')).toEqual({ status: 204 });
  await lookup('localhost'); // as PostgreSQL and Temporal by name do
  const tooMany = await sendTo('a', 'eleventh.example').catch((error: unknown) => error);
  expect(tooMany).toMatchObject({ type: 'Unavailable', ours: true, details: { code: 'TOO_MANY_LOOK_UPS' } });
  expect(ended).toBe(0);
  expect(getEventListeners(leaving.signal, 'abort')).toEqual([]); // however many requests it is the signal of
  leaving.abort(new Error('given up'));
  expect(await Promise.all(hanging)).toEqual(hanging.map(() => new Error('given up')));
  expect(await sendTo('a', 'eleventh.example')).toEqual({ status: 204 });
});

it('a send that is given up while others wait for the host takes nothing from them', async () => {
  const given = new AbortController();
  const first = sendTo('a', 'silent-at-first.example', given.signal);
  await names.next();
  const second = sendTo('a', 'silent-at-first.example');
  given.abort(new Error('given up'));
  await expect(first).rejects.toThrow('given up');
  names.script.answer = () => ['127.0.0.1'];
  expect(await second).toEqual({ status: 204 });
});
