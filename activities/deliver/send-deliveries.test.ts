import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { openSendingBench, SLOTS } from '../../tests/sending-bench';
import { DatabaseUnavailable } from '../../db/tx';
import { DeliveryFailure } from '../failures';

let bench: Awaited<ReturnType<typeof openSendingBench>>;

beforeAll(async () => {
  bench = await openSendingBench(undefined, 30_000);
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

it('gives the consumer configuration and opened secrets', async () => {
  expect(await bench.attempt(await bench.recorded(await bench.newConnection()))).toEqual({ delivered: 1 });
  expect(bench.script.sent[0]?.account).toEqual({
    config: { url: 'https://example.com/marker-path' },
    secrets: { token: 'marker-secret' },
  });
});

it('leaves nothing that waits for the deadline of a send that has ended', async () => {
  await bench.attempt(await bench.recorded(await bench.newConnection()));
  const [sent] = bench.script.sent;
  expect(sent && getEventListeners(sent.signal, 'abort')).toEqual([]);
});

it('parks what a broken connection should take, without a request, and marks a connection that breaks', async () => {
  const connection = await bench.newConnection();
  const ids = await bench.recorded(connection, connection);
  bench.script.send = async () => {
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401: give it a new token.');
  };
  await expect(bench.attempt(ids.slice(0, 1))).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(await bench.stateOf(connection)).toBe('broken');
  await expect(bench.attempt(ids.slice(1))).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(bench.script.sent).toHaveLength(1);
  expect(await bench.rowOf(ids[1])).toMatchObject({
    state: 'parked',
    failure_message: 'The account answers 401: give it a new token.',
    attempts: null, // nothing was sent
  });
  expect((await bench.rowOf(ids[0]))['attempts']).toMatchObject([{ n: 1, outcome: 'parked' }]);
});

it.each([
  ['alone', false],
  ['in a batch', true],
])('tells the server that an attempt %s is alive for as long as it sends', async (_, isBatch) => {
  const ids = await bench.recorded(await bench.newConnection());
  let beats = NaN;
  bench.script.send = async () => {
    const before = bench.script.beats.length;
    jest.advanceTimersByTime(15_000);
    beats = bench.script.beats.length - before;
  };
  jest.useFakeTimers({ doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'performance', 'Date'] });
  try {
    await bench.attempt(ids, bench.box, isBatch);
    expect(beats).toBe(3);
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

it.each([
  ['ok', 'was mended', 'version = version + 1, edition = edition + 1'],
  ['broken', 'was given another refresh token by the account', 'version = version + 1'],
])('leaves a connection %s that %s while the attempt was under way', async (state, _, change) => {
  const connection = await bench.newConnection();
  bench.script.send = async () => {
    await bench.pool.query(`update connection set ${change} where id = $1`, [connection]);
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401.');
  };
  await expect(bench.attempt(await bench.recorded(connection))).rejects.toMatchObject({ type: 'ConnectionBroken' });
  expect(await bench.stateOf(connection)).toBe(state);
});

it.each([
  ['a configuration that its schema refuses', () => ({ config: { url: 'marker-path' } }), /configuration.*url/],
  ['secrets that its schema refuses', () => ({ secrets: null, secretsKeyId: null }), /secrets.*token/],
  [
    'secrets that belong to another connection',
    () => ({ id: '00000000-0000-4000-8000-000000000001', secrets: bench.box.seal('b', {}).bytes }),
    /opened/,
  ],
])('parks as InvalidConfig what has %s', async (_, over, message) => {
  const ids = await bench.recorded(await bench.newConnection(over()));
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'InvalidConfig', nonRetryable: true });
  const { failure_message: said } = await bench.rowOf(ids[0]);
  expect(said).toMatch(message);
  expect(JSON.stringify(await bench.rowOf(ids[0]))).not.toContain('marker');
  expect(bench.script.sent).toEqual([]);
});

it('parks what lost its connection', async () => {
  await expect(bench.attempt(await bench.recorded(randomUUID()))).rejects.toMatchObject({ type: 'InvalidConfig' });
});

it('waits, at no cost, for a key that this process has not', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  await expect(bench.attempt(ids, null)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  await expect(bench.rowOf(ids[0])).resolves.toMatchObject({ state: 'pending', tries: 0 });
});

it('sends at once only as many as the connection allows; who comes alone comes back, at no cost', async () => {
  const connection = await bench.newConnection({ maxInFlight: 1, ratePerSecond: 1_000 });
  const [first, second] = await bench.recorded(connection, connection);
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const sending = new Promise<void>((resolve) => {
    bench.script.send = async () => {
      resolve();
      await released;
    };
  });
  const one = bench.attempt([first ?? '']);
  await sending;
  await expect(bench.attempt([second ?? ''])).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect(await bench.rowOf(second)).toMatchObject({
    state: 'pending',
    tries: 0,
    slot_at: expect.anything(), // of the rate; it keeps it
    failure_message: 'Its connection or its site has as many sends under way as it may.',
  });
  release();
  expect(await one).toEqual({ delivered: 1 });
  expect(bench.script.inFlight.enter(connection, 1)).toEqual(expect.any(Function)); // it has left
});

it('gives half of the slots at most to destinations that hang, of however many sites, and turns the others away at no cost', async () => {
  const hanging = await bench.slowSites(SLOTS + 5);
  const [well = ''] = await bench.recorded(await bench.newConnection());
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  bench.script.send = ({ event }) => (event.siteId === '7' ? Promise.resolve() : released);
  const attempts = hanging.map((id) => bench.attempt([id]).catch((failure: unknown) => failure));
  const turnedAway = new Promise<void>((resolve) => {
    let left = hanging.length - SLOTS / 2;
    for (const one of attempts) void one.then(() => --left === 0 && resolve());
  });
  await turnedAway;
  expect(bench.script.sent).toHaveLength(SLOTS / 2);
  expect(bench.script.slots.occupied).toBe(SLOTS / 2);
  expect(await bench.attempt([well])).toEqual({ delivered: 1 });
  release();
  const results = await Promise.all(attempts);
  expect(results.filter((result) => result instanceof Error)).toHaveLength(hanging.length - SLOTS / 2);
  for (const [i, result] of results.entries()) {
    if (!(result instanceof Error)) continue;
    expect(result).toMatchObject({ type: 'Unavailable', nonRetryable: false, nextRetryDelay: expect.any(Number) });
    expect(await bench.rowOf(hanging[i])).toMatchObject({ state: 'pending', tries: 0 });
  }
  expect(bench.script.slots.occupied).toBe(0);
});

it('keeps to the rate of a connection by slots, which a delivery that comes back keeps', async () => {
  const connection = await bench.newConnection({ ratePerSecond: 0.5 });
  const ids = await bench.recorded(connection, connection, connection);
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'Unavailable' });
  const rows = () => Promise.all(ids.map(bench.rowOf));
  const waiting = (await rows()).map(({ slot_at: slot }) => slot && Math.round((slot - Date.now()) / 1000));
  expect(waiting.sort()).toEqual([2, 4, null]);
  expect(bench.script.sent).toHaveLength(1);
  const { next_slot: before } = (await bench.pool.query('select next_slot from connection where id = $1', [connection]))
    .rows[0];
  await bench.pool.query(
    "update delivery set due_at = now(), slot_at = now() where id = any($1) and state = 'pending'",
    [ids],
  );
  expect(await bench.attempt(ids)).toEqual({ delivered: 3 });
  const { next_slot: after } = (await bench.pool.query('select next_slot from connection where id = $1', [connection]))
    .rows[0];
  expect(after).toEqual(before);
  expect((await rows()).map(({ slot_at: slot }) => slot)).toEqual([null, null, null]);
});

it('keeps no slot that lies beyond the longest delay, as the delivery comes back before it', async () => {
  const connection = await bench.newConnection({ ratePerSecond: 0.1 });
  await bench.pool.query("update connection set next_slot = now() + interval '23.998 hours' where id = $1", [
    connection,
  ]);
  const ids = await bench.recorded(...Array.from({ length: 4 }, () => connection));
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'Unavailable' });
  const rows = await Promise.all(ids.map(bench.rowOf));
  expect(rows.filter(({ slot_at: slot }) => slot !== null)).toHaveLength(1); // 7 s before the day is over; then 3 s after it
  const { rows: left } = await bench.pool.query(
    'select extract(epoch from next_slot - now())::float8 / 3600 as hours from connection where id = $1',
    [connection],
  );
  expect(left[0].hours).toBeLessThan(24.005); // slots that will not be used are not given out
});

it.each(['settleDelivery', 'saveDeliveryProgress', 'writeSignIn'] as const)(
  'writes what was sent although the database did not answer at first: %s',
  async (name) => {
    const ids = await bench.recorded(await bench.newConnection());
    bench.script.send = async ({ saveProgress, signIn }) => {
      await saveProgress({ first: true });
      const renewed = { token: { accessToken: 'marker-fresh' }, lastsMs: null, refreshLastsMs: null };
      await signIn.keep(renewed, '', { id: randomUUID() });
    };
    const writing = jest.spyOn(bench.db, name);
    for (let n = 0; n < 3; n++) writing.mockRejectedValueOnce(new DatabaseUnavailable('no connection in time'));
    expect(await bench.attempt(ids)).toEqual({ delivered: 1 });
    expect(writing).toHaveBeenCalledTimes(4);
    writing.mockRestore();
    expect(bench.script.sent).toHaveLength(1);
    expect(await bench.rowOf(ids[0])).toMatchObject({ state: 'delivered', tries: 1, progress: { first: true } });
  },
);

it('tells of a send whose outcome the database does not take, as it will be sent again', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  const settling = jest.spyOn(bench.db, 'settleDelivery');
  settling.mockRejectedValue(new DatabaseUnavailable('no connection in time'));
  const attempt = bench.attempt(ids, bench.box, false, { startToCloseTimeoutMs: 6_000 });
  await expect(attempt).rejects.toBeInstanceOf(DatabaseUnavailable);
  settling.mockRestore();
  const told = bench.script.logged.filter(({ message }) => message.includes('sent again'));
  expect(told).toMatchObject([{ level: 'WARN', meta: { deliveryId: ids[0] } }]);
});

it('gives the next attempt the progress of the last', async () => {
  const ids = await bench.recorded(await bench.newConnection());
  bench.script.send = async ({ saveProgress, progress }) => {
    if (progress['first'] === true) return;
    await saveProgress({ first: true });
    throw new DeliveryFailure('Unavailable', 'The second half did not answer.');
  };
  await expect(bench.attempt(ids)).rejects.toMatchObject({ type: 'Unavailable' });
  expect(await bench.attempt(ids)).toEqual({ delivered: 1 });
  expect(bench.script.sent.map(({ progress }) => progress)).toEqual([{}, { first: true }]);
});
