import { getEventListeners, once } from 'node:events';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import type { SendRequest } from '../../consumer';
import { createEmail } from './email';
import { startSmtpServer, type Fault } from './fake';

const allowedAddresses = ['127.0.0.1'];

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const HASH = '08168cd80dfd534a'; // of a@example.com

/** A server that takes every message, and says `fault` to what it has taken; and deliveries to send there. */
async function start(
  fault: (to: string) => Fault | undefined,
  recipients = ['a@example.com'],
  answerWithinMs = 60_000,
  utf8 = true,
) {
  const server = await startSmtpServer({ security: 'none', utf8 });
  closing.push(server.close);
  server.faults.data = fault;
  const email = createEmail({ allowedAddresses, answerWithinMs });
  closing.push(email.close);
  const account = {
    config: {
      host: server.host,
      port: server.port,
      security: 'none',
      from: { address: 'support@example.com' },
      recipients: { 'OfflineMessage.Submit': recipients },
    },
    secrets: {},
  };
  const deadline = new AbortController();
  const stopping = new AbortController();
  let waiting = 0;
  const allSent = () => {
    waiting += 1;
    return () => void (waiting -= 1);
  };
  const request = (content = Buffer.alloc(0)): SendRequest => ({
    ...sendRequest(exampleEvent('OfflineMessage.Submit'), {
      account,
      deliveryId: 'delivery-1',
      attachments: content.length === 0 ? [] : [{ position: 0, name: 'file', content }],
      signal: deadline.signal,
    }),
    allSent,
    stopping: stopping.signal,
  });
  return { server, email, request, deadline, stopping, waiting: () => waiting };
}

const failureOf = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    (receipt) => ({ receipt }),
    (error: unknown) => error,
  );

it('waits beyond the deadline for the answer to a whole message, and sends it once', async () => {
  const { server, email, request, deadline, waiting } = await start(() => 'stall');
  const sending = email.send(request());
  await server.stalled();
  expect(waiting()).toBe(1);
  deadline.abort();
  server.release();
  await expect(sending).resolves.toMatchObject({ accepted: 1 });
  expect(server.arrivals).toHaveLength(1);
  expect(waiting()).toBe(0);
});

it.each<[string, Fault, number]>([
  ['is never answered', 'stall', 50],
  ['ends the connection', 'drop', 60_000],
])('sends no third copy when a whole message %s', async (_, fault, answerWithinMs) => {
  const { server, email, request } = await start(() => fault, ['a@example.com'], answerWithinMs);
  const one = request();
  expect(await failureOf(email.send(one))).toMatchObject({ type: 'Unavailable', details: { sent: true } });
  const unconfirmed = {
    type: 'Unconfirmed',
    details: { accepted: 0, unconfirmed: [`<delivery-1.${HASH}@example.com>`] },
  };
  expect(await failureOf(email.send({ ...one, tries: 1 }))).toMatchObject(unconfirmed);
  expect(server.arrivals).toHaveLength(2);
  expect(await failureOf(email.send({ ...one, tries: 2 }))).toMatchObject(unconfirmed);
  expect(server.arrivals).toHaveLength(2);
  expect(server.arrivals[1]?.raw.equals(server.arrivals[0]?.raw ?? Buffer.alloc(0))).toBe(true);
});

it('delivers by the second copy when that is answered', async () => {
  const faults: Fault[] = ['drop'];
  const { server, email, request, deadline } = await start(() => faults.shift());
  const one = request();
  expect(await failureOf(email.send(one))).toMatchObject({ type: 'Unavailable' });
  await expect(email.send({ ...one, tries: 1 })).resolves.toMatchObject({ accepted: 1 });
  expect(server.arrivals).toHaveLength(2);
  expect(getEventListeners(deadline.signal, 'abort')).toEqual([]); // nothing keeps what was sent
});

it.each<[Fault, string]>([
  ['451 4.3.0', 'Unavailable'],
  ['421 4.3.2', 'Unavailable'],
  ['554 5.6.0', 'Rejected'],
])('takes the answer %s to a whole message as one: that was no copy', async (fault, type) => {
  const { email, request } = await start(() => fault);
  const one = request();
  for (let n = 0; n < 3; n++) expect(await failureOf(email.send({ ...one, tries: 0 }))).toMatchObject({ type });
  expect(one.progress['unanswered']).toBeUndefined();
});

it.each<[answer: '451 4.7.1' | '421 4.3.2' | '550 5.4.5' | '554 5.6.0', type: string]>([
  ['451 4.7.1', 'Unavailable'],
  ['421 4.3.2', 'Unavailable'],
  ['550 5.4.5', 'RateLimited'],
  ['554 5.6.0', 'Rejected'],
])('takes %s as the answer also where it comes after the copy went on record', async (answer, type) => {
  const { server, request } = await start(() => 'stall');
  const email = createEmail({ allowedAddresses, onRecordAfterMs: 0 });
  closing.push(email.close);
  const one = request();
  for (let tries = 0; tries < 3; tries++) {
    const recorded = new AbortController();
    const saveProgress = async (done: Readonly<Record<string, unknown>>): Promise<void> => {
      await one.saveProgress(done);
      recorded.abort();
    };
    const sending = failureOf(email.send({ ...one, saveProgress, tries: 0 }));
    await Promise.all([once(recorded.signal, 'abort'), server.stalled()]);
    server.release(answer);
    expect(await sending).toMatchObject({ type });
  }
  expect(one.progress['unanswered']).toEqual({ [HASH]: 0 });
  expect(server.arrivals).toHaveLength(3);
});

it('counts no copy of a message that broke off in the middle', async () => {
  const { server, email, request } = await start(() => undefined);
  server.faults.beforeData = () => 'drop';
  const one = request(Buffer.alloc(20_000_000)); // more than the sockets on the way hold
  for (let tries = 0; tries < 3; tries++) {
    const failure = await failureOf(email.send({ ...one, tries }));
    expect(failure).toMatchObject({ type: 'Unavailable' });
    expect(failure).not.toMatchObject({ details: { sent: true } });
  }
  delete server.faults.beforeData;
  await expect(email.send({ ...one, tries: 3 })).resolves.toMatchObject({ accepted: 1 });
  expect(server.arrivals).toHaveLength(1);
});

it('mails the others when one is not answered, and parks it only for that one', async () => {
  const { server, email, request } = await start(
    (to) => (to === 'a@example.com' ? 'drop' : undefined),
    ['a@example.com', 'b@example.com'],
  );
  const one = request();
  expect(await failureOf(email.send(one))).toMatchObject({ type: 'Unavailable' });
  expect(await failureOf(email.send({ ...one, tries: 1 }))).toMatchObject({
    type: 'Unconfirmed',
    details: { accepted: 1, unconfirmed: [`<delivery-1.${HASH}@example.com>`] },
  });
  expect(server.arrivals.map(({ to }) => to.join())).toEqual(['a@example.com', 'b@example.com', 'a@example.com']);
});

it('begins no other recipient after an answer that came too late, at no cost', async () => {
  const { server, email, request, deadline } = await start(
    (to) => (to === 'a@example.com' ? 'stall' : undefined),
    ['a@example.com', 'b@example.com'],
  );
  const one = request();
  const sending = failureOf(email.send(one));
  await server.stalled();
  deadline.abort();
  server.release();
  expect(await sending).toMatchObject({ type: 'Unavailable', ours: true });
  const next = { ...one, signal: AbortSignal.timeout(30_000) };
  await expect(email.send(next)).resolves.toMatchObject({ accepted: 2 });
  expect(server.arrivals.map(({ to }) => to.join())).toEqual(['a@example.com', 'b@example.com']);
});

it('is unconfirmed when the process stops while it waits, and is not sent again', async () => {
  const { server, email, request, stopping } = await start(() => 'stall');
  const one = request();
  const sending = failureOf(email.send(one));
  await server.stalled();
  stopping.abort();
  expect(await sending).toMatchObject({ type: 'Unconfirmed' });
  const next = { ...one, stopping: new AbortController().signal };
  expect(await failureOf(email.send(next))).toMatchObject({ type: 'Unconfirmed' });
  expect(server.arrivals).toHaveLength(1);
});

it('has a copy on record while it waits, for the case that the process is killed', async () => {
  const { server, email, request } = await start(() => 'stall');
  const one = request();
  const recorded = new AbortController();
  const saveProgress = async (done: Readonly<Record<string, unknown>>): Promise<void> => {
    await one.saveProgress(done);
    recorded.abort();
  };
  const killed = failureOf(email.send({ ...one, saveProgress }));
  await once(recorded.signal, 'abort');
  expect(one.progress).toEqual({ unanswered: { [HASH]: 1 } });
  server.faults.data = () => 'drop';
  const other = createEmail({ allowedAddresses });
  closing.push(other.close);
  expect(await failureOf(other.send({ ...one, tries: 0 }))).toMatchObject({ type: 'Unconfirmed' });
  expect(server.arrivals).toHaveLength(2);
  server.release();
  await killed;
});

it('tells only a server with SMTPUTF8 an address in another script, and says who is left out', async () => {
  const recipients = ['b\u00e4r@example.com', 'a@example.com'];
  const offering = await start(() => undefined, recipients);
  await expect(offering.email.send(offering.request())).resolves.toMatchObject({ accepted: 2 });
  expect(offering.server.arrivals.map(({ to }) => to.join())).toEqual(['b\u00e4r@example.com', 'a@example.com']);
  const other = await start(() => undefined, recipients, 60_000, false);
  const receipt = await other.email.send(other.request());
  expect(receipt).toEqual({
    accepted: 1,
    messageIds: [`<delivery-1.${HASH}@example.com>`],
    leftOut: [{ recipient: expect.stringMatching(/^[0-9a-f]{16}$/), reason: 'the server offers no SMTPUTF8' }],
  });
  expect(other.server.arrivals.map(({ to }) => to.join())).toEqual(['a@example.com']);
});
