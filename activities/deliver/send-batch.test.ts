import { exampleEvent, sendRequest } from '../../tests/send-request';
import { openSendingBench, SLOTS } from '../../tests/sending-bench';
import { createEmail } from '../consumers/email/email';
import { startSmtpServer } from '../consumers/email/fake';
import { DeliveryFailure } from '../failures';

let bench: Awaited<ReturnType<typeof openSendingBench>>;

beforeAll(async () => {
  bench = await openSendingBench(undefined, 30_000);
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const batch = (ids: readonly string[]) => bench.attempt(ids, bench.box, true);

it('lets the many of a batch wait for room, in the order of their events, beside a place for who comes alone', async () => {
  const [narrow, wide] = [await bench.newConnection({ maxInFlight: 3 }), await bench.newConnection()];
  const ids = await bench.recorded(narrow, narrow, narrow, narrow, narrow, wide);
  let most = 0;
  let now = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const otherIsThere = new Promise<void>((resolve) => {
    bench.script.send = async ({ connectionId }) => {
      if (connectionId === wide) return resolve();
      most = Math.max(most, ++now);
      await released;
      now -= 1;
    };
  });
  const all = batch(ids);
  await otherIsThere; // other connections are not held up
  expect(bench.script.inFlight.enter(narrow, 3)).toEqual(expect.any(Function));
  release();
  expect(await all).toEqual({ delivered: 6 });
  expect(most).toBe(2);
  const order = bench.script.sent
    .filter(({ connectionId }) => connectionId === narrow)
    .map(({ deliveryId }) => deliveryId);
  const { rows } = await bench.pool.query(
    'select id from delivery where connection_id = $1 order by event_key collate "C", id',
    [narrow],
  );
  expect(order).toEqual(rows.map(({ id }) => id));
});

it('sends nothing more by a connection that has turned out to be broken', async () => {
  const connection = await bench.newConnection({ maxInFlight: 1 });
  bench.script.send = async () => {
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401: give it a new token.');
  };
  const ids = await bench.recorded(connection, connection, connection);
  await expect(batch(ids)).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(bench.script.sent).toHaveLength(1);
  for (const id of ids) {
    expect(await bench.rowOf(id)).toMatchObject({ state: 'parked', failure_type: 'ConnectionBroken' });
  }
});

it('gives its place on the queue back while a connection has no room, and comes back when it may have', async () => {
  const [full, well] = [await bench.newConnection({ maxInFlight: 2 }), await bench.newConnection()];
  const ids = await bench.recorded(full, full, well, well);
  const leave = bench.script.inFlight.enterAsBatch(full, 2); // another batch's send hangs there
  const error = await batch(ids).catch((failure: unknown) => failure);
  expect(error).toMatchObject({ type: 'Unavailable', nonRetryable: false, nextRetryDelay: expect.any(Number) });
  expect(bench.script.sent.map(({ connectionId }) => connectionId)).toEqual([well, well]);
  expect((error as { nextRetryDelay: number }).nextRetryDelay).toBeGreaterThanOrEqual(1_000);
  leave?.();
  expect(await batch(ids)).toEqual({ delivered: 4 });
});

it('sends to slow sites only as many as half of the slots, beside all others, and does not wait for room there', async () => {
  const hanging = await bench.slowSites(SLOTS);
  const connection = await bench.newConnection();
  const others = await bench.recorded(...Array.from({ length: 3 * SLOTS }, () => connection));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let well = 0;
  const allWell = new Promise<void>((resolve) => {
    bench.script.send = async ({ event }) => {
      if (event.siteId !== '7') return released;
      if (++well === others.length) resolve();
    };
  });
  const hangs = batch([...hanging, ...others]).catch((failure: unknown) => failure);
  await allWell;
  expect(bench.script.sent.filter(({ event }) => event.siteId !== '7')).toHaveLength(SLOTS / 2);
  const waiting = jest.spyOn(bench.script.inFlight, 'room');
  const another = await bench.slowSites(1);
  expect(await batch(another).catch((failure: unknown) => failure)).toMatchObject({
    type: 'Unavailable',
    nonRetryable: false,
    nextRetryDelay: expect.any(Number),
  });
  expect(waiting.mock.calls.flatMap(([connections]) => connections)).toEqual([]);
  release();
  await hangs;
});

it('claims all that find room at once by one statement, whatever their connections', async () => {
  const connections = await Promise.all(Array.from({ length: 12 }, () => bench.newConnection()));
  const ids = await bench.recorded(...connections);
  const before = bench.claims();
  expect(await batch(ids)).toEqual({ delivered: 12 });
  expect(bench.claims() - before).toBe(1);
});

it('sends nothing more when an outcome cannot be written, and ends only when all that is under way has', async () => {
  const [narrow, other] = [await bench.newConnection({ maxInFlight: 2 }), await bench.newConnection()];
  const ids = await bench.recorded(...Array.from({ length: 8 }, () => narrow), other);
  let underWay = 0;
  bench.script.send = async () => {
    underWay += 1;
    await new Promise(setImmediate);
    underWay -= 1;
  };
  bench.failSettling(new TypeError('cannot be written'));
  await expect(batch(ids)).rejects.toMatchObject({ name: 'TypeError' });
  expect(bench.script.sent.length).toBeLessThan(ids.length);
  expect(underWay).toBe(0);
});

it('keeps trying for six minutes from its second attempt on, however long it was in the queue', async () => {
  bench.script.send = async () => {
    throw new DeliveryFailure('Unavailable', 'The destination answers 503.');
  };
  const ids = await bench.recorded(await bench.newConnection());
  const at = (attempt: number, minutes: number, since?: number) =>
    bench.attempt(ids, bench.box, true, {
      attempt,
      scheduledTimestampMs: 0,
      currentAttemptScheduledTimestampMs: minutes * 60_000,
      heartbeatDetails: since === undefined ? undefined : { since: since * 60_000 },
    });
  const goesOn = { type: 'Unavailable', nonRetryable: false, nextRetryDelay: expect.any(Number) };
  await expect(at(1, 0)).rejects.toMatchObject(goesOn);
  await expect(at(2, 50)).rejects.toMatchObject(goesOn);
  expect(bench.script.beats.at(-1)).toEqual({ since: 3_000_000 }); // for the attempts after it
  await expect(at(3, 55, 50)).rejects.toMatchObject(goesOn);
  expect(bench.script.beats.at(-1)).toEqual({ since: 3_000_000 });
  await expect(at(4, 56, 50)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: true });
});

it('does not wait in its batch for a destination that wants to be asked again in an hour', async () => {
  bench.script.send = async () => {
    throw new DeliveryFailure('RateLimited', 'The destination answers 429.', { retryAfterMs: 3_600_000 });
  };
  const ids = await bench.recorded(await bench.newConnection());
  await expect(batch(ids)).rejects.toMatchObject({ type: 'RateLimited', nonRetryable: true });
  expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'pending', tries: 0 });
});

it('comes back for what is due soon, while a connection of the same batch is asked for nothing', async () => {
  const [held, passing] = [await bench.newConnection({ maxInFlight: 1 }), await bench.newConnection()];
  bench.script.inFlight.hold(held, 3_600_000, 1);
  bench.script.send = async () => {
    throw new DeliveryFailure('Unavailable', 'The destination answers 503.');
  };
  const ids = await bench.recorded(held, passing);
  const waiting = jest.spyOn(bench.script.inFlight, 'room');
  const error = await batch(ids).catch((failure: unknown) => failure);
  expect(waiting.mock.calls.flatMap(([connections]) => connections)).not.toContain(held);
  expect(error).toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect((error as { nextRetryDelay: number }).nextRetryDelay).toBe(1_000);
  bench.script.send = async () => {};
  await expect(batch(ids)).rejects.toMatchObject({ nonRetryable: true }); // only what waits for an hour is left
  expect(bench.script.sent).toHaveLength(2);
});

it.each([
  ['alone', false],
  ['in a batch', true],
])(
  'asks a mail server that says the account has sent enough once, not with each of 20 mails %s',
  async (_, isBatch) => {
    const server = await startSmtpServer({ security: 'none' });
    const email = createEmail({ allowedAddresses: ['127.0.0.1'] });
    let askedFor = 0;
    server.faults.sender = () => {
      askedFor += 1;
      return '550 5.4.5';
    };
    const from = { address: 'support@example.com' };
    const recipients = { 'Chat.Ended': ['a@example.com'] };
    const config = { host: server.host, port: server.port, security: 'none', from, recipients };
    const mail = sendRequest(exampleEvent('Chat.Ended'), { account: { config, secrets: {} } });
    bench.script.send = async () => void (await email.send(mail));
    try {
      const connection = await bench.newConnection({ maxInFlight: 2 });
      const ids = await bench.recorded(...Array.from({ length: 20 }, () => connection));
      const attempts = isBatch ? [ids] : ids.map((id) => [id]);
      const all = async () => await Promise.allSettled(attempts.map((some) => bench.attempt(some, bench.box, isBatch)));
      await all();
      const atFirst = askedFor;
      expect(atFirst).toBeLessThanOrEqual(2);
      await bench.pool.query('update delivery set due_at = now() where connection_id = $1', [connection]);
      await all();
      expect(askedFor).toBe(atFirst);
      expect(bench.script.inFlight.isHeld(connection, 1)).toBe(true);
      for (const id of ids) expect(await bench.rowOf(id)).toMatchObject({ state: 'pending', tries: 0 });
    } finally {
      await email.close?.();
      await server.close();
    }
  },
);
