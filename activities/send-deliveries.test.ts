import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import { insertConnection, type NewConnection } from '../db/connections';
import { createDatabase, type Database } from '../db/database';
import { createPool } from '../db/pool';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { idsOf, newEvent } from '../tests/new-event';
import { InFlight } from './connections/in-flight';
import { createSecretBox, newSecretsKey } from './connections/secret-box';
import { externalConsumer, type SendRequest } from './consumer';
import { deliver } from './deliver';
import { DeliveryFailure } from './failures';

interface Config {
  readonly url: string;
}
interface Secrets {
  readonly token: string;
}
type Request = SendRequest<Config, Secrets>;

const box = createSecretBox(newSecretsKey());
let test: TestDatabase;
let pool: Pool;
let db: Database;
let send: (request: Request) => Promise<void>;
let sent: Request[];
let inFlight: InFlight;

beforeAll(async () => {
  test = await createTestDatabase();
  pool = createPool(test.url);
  db = createDatabase(pool);
});

beforeEach(() => {
  send = async () => {};
  sent = [];
  inFlight = new InFlight();
});

afterAll(async () => {
  await pool.end();
  await test.drop();
});

const consumer = externalConsumer<Config, Secrets>({
  requestTimeoutMs: 2_000,
  connection: {
    config: z.object({ url: z.url() }),
    secrets: z.object({ token: z.string().min(3) }),
    check: async () => 'works',
  },
  send: async (request) => {
    sent.push(request);
    await send(request);
    return { n: sent.length };
  },
});

async function newConnection(over: Partial<NewConnection> = {}): Promise<string> {
  const id = over.id ?? randomUUID();
  const sealed = box.seal(id, { token: 'marker-secret' });
  await insertConnection(db.autocommit, {
    id,
    siteId: '7',
    consumer: 'webhook',
    name: id,
    config: { url: 'https://example.com/marker-path' },
    eventTypes: [],
    maxInFlight: 10,
    ratePerSecond: null,
    secrets: sealed.bytes,
    secretsKeyId: sealed.keyId,
    ...over,
  });
  return id;
}

/** A delivery per entry, each of its connection, owned by the run that the mock environment pretends to be. */
async function recorded(...connectionIds: string[]): Promise<string[]> {
  const event = newEvent(
    randomUUID(),
    connectionIds.map(() => null),
  );
  const { workflowExecution } = environment().context.info;
  const owner = { cluster: 'main', workflowId: workflowExecution?.workflowId ?? '' };
  await db.insertEvents(db.autocommit, [event], owner, 60);
  for (const [i, id] of idsOf(event).entries()) {
    await pool.query('update delivery set connection_id = $2 where id = $1', [id, connectionIds[i]]);
  }
  return idsOf(event);
}

const environment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });

function attempt(ids: readonly string[], secretBox: typeof box | null = box): Promise<unknown> {
  const deps = {
    db,
    clusterName: 'main',
    overdueAfterSeconds: 60,
    secretBox,
    inFlight,
    retryDelayMs: () => 0,
    observe: () => {},
  };
  return environment().run(() => deliver('webhook', consumer, { ids }, deps));
}

const rowOf = async (id: string | undefined) =>
  (await pool.query('select * from delivery where id = $1', [id])).rows[0];
const stateOf = async (id: string) =>
  (await pool.query('select state from connection where id = $1', [id])).rows[0].state;

it('gives the consumer configuration and opened secrets', async () => {
  expect(await attempt(await recorded(await newConnection()))).toEqual({ delivered: 1 });
  expect(sent[0]?.account).toEqual({
    config: { url: 'https://example.com/marker-path' },
    secrets: { token: 'marker-secret' },
  });
});

it('parks what a broken connection should take, without a request, and marks a connection that breaks', async () => {
  const connection = await newConnection();
  const ids = await recorded(connection, connection);
  send = async () => {
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401: give it a new token.');
  };
  await expect(attempt(ids.slice(0, 1))).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(await stateOf(connection)).toBe('broken');
  await expect(attempt(ids.slice(1))).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(sent).toHaveLength(1);
  expect(await rowOf(ids[1])).toMatchObject({
    state: 'parked',
    failure_message: 'The account answers 401: give it a new token.',
  });
});

it('does not break a connection that was mended while the attempt was under way', async () => {
  const connection = await newConnection();
  send = async () => {
    await pool.query('update connection set version = version + 1 where id = $1', [connection]);
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401.');
  };
  await expect(attempt(await recorded(connection))).rejects.toMatchObject({ type: 'ConnectionBroken' });
  expect(await stateOf(connection)).toBe('ok');
});

it.each([
  ['a configuration that its schema refuses', { config: { url: 'marker-path' } }, /configuration.*url/],
  ['secrets that its schema refuses', { secrets: null, secretsKeyId: null }, /secrets.*token/],
  [
    'secrets that belong to another connection',
    { id: '00000000-0000-4000-8000-000000000001', secrets: box.seal('b', {}).bytes },
    /opened/,
  ],
])('parks as InvalidConfig what has %s', async (_, over, message) => {
  const ids = await recorded(await newConnection(over));
  await expect(attempt(ids)).rejects.toMatchObject({ type: 'InvalidConfig', nonRetryable: true });
  const { failure_message: said } = await rowOf(ids[0]);
  expect(said).toMatch(message);
  expect(JSON.stringify(await rowOf(ids[0]))).not.toContain('marker');
  expect(sent).toEqual([]);
});

it('parks what lost its connection', async () => {
  await expect(attempt(await recorded(randomUUID()))).rejects.toMatchObject({ type: 'InvalidConfig' });
});

it('waits, at no cost, for a key that this process has not', async () => {
  const ids = await recorded(await newConnection());
  await expect(attempt(ids, null)).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  await expect(rowOf(ids[0])).resolves.toMatchObject({ state: 'pending', tries: 0 });
});

it('sends at once only as many as the connection allows; who comes alone comes back, at no cost', async () => {
  const connection = await newConnection({ maxInFlight: 1 });
  const [first, second] = await recorded(connection, connection);
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const sending = new Promise<void>((resolve) => {
    send = async () => {
      resolve();
      await released;
    };
  });
  const one = attempt([first ?? '']);
  await sending;
  await expect(attempt([second ?? ''])).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
  expect(await rowOf(second)).toMatchObject({
    state: 'pending',
    tries: 0,
    failure_message: 'As many as the connection allows are being sent.',
  });
  release();
  expect(await one).toEqual({ delivered: 1 });
  expect(inFlight.enter(connection, 1)).toEqual(expect.any(Function)); // it has left
});

it('lets the many of a ride wait for room, in the order of their events, without holding up other connections', async () => {
  const [narrow, wide] = [await newConnection({ maxInFlight: 2 }), await newConnection()];
  const ids = await recorded(narrow, narrow, narrow, narrow, narrow, wide);
  let most = 0;
  let now = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const otherIsThere = new Promise<void>((resolve) => {
    send = async ({ connectionId }) => {
      if (connectionId === wide) return resolve();
      most = Math.max(most, ++now);
      await released;
      now -= 1;
    };
  });
  const all = attempt(ids);
  await otherIsThere;
  release();
  expect(await all).toEqual({ delivered: 6 });
  expect(most).toBe(2);
  const order = sent.filter(({ connectionId }) => connectionId === narrow).map(({ deliveryId }) => deliveryId);
  const { rows } = await pool.query(
    'select id from delivery where connection_id = $1 order by event_key collate "C", id',
    [narrow],
  );
  expect(order).toEqual(rows.map(({ id }) => id));
});

it('sends nothing more by a connection that has turned out to be broken', async () => {
  const connection = await newConnection({ maxInFlight: 1 });
  send = async () => {
    throw new DeliveryFailure('ConnectionBroken', 'The account answers 401: give it a new token.');
  };
  const ids = await recorded(connection, connection, connection);
  await expect(attempt(ids)).rejects.toMatchObject({ type: 'ConnectionBroken', nonRetryable: true });
  expect(sent).toHaveLength(1);
  for (const id of ids) {
    expect(await rowOf(id)).toMatchObject({ state: 'parked', failure_type: 'ConnectionBroken' });
  }
});

it('keeps to the rate of a connection by slots, which a delivery that comes back keeps', async () => {
  const connection = await newConnection({ ratePerSecond: 0.5 });
  const ids = await recorded(connection, connection, connection);
  await expect(attempt(ids)).rejects.toMatchObject({ type: 'Unavailable' });
  const rows = () => Promise.all(ids.map(rowOf));
  const waiting = (await rows()).map(({ slot_at: slot }) => slot && Math.round((slot - Date.now()) / 1000));
  expect(waiting.sort()).toEqual([2, 4, null]);
  expect(sent).toHaveLength(1);
  const { next_slot: before } = (await pool.query('select next_slot from connection where id = $1', [connection]))
    .rows[0];
  await pool.query("update delivery set due_at = now(), slot_at = now() where id = any($1) and state = 'pending'", [
    ids,
  ]);
  expect(await attempt(ids)).toEqual({ delivered: 3 });
  const { next_slot: after } = (await pool.query('select next_slot from connection where id = $1', [connection]))
    .rows[0];
  expect(after).toEqual(before);
  expect((await rows()).map(({ slot_at: slot }) => slot)).toEqual([null, null, null]);
});

it('gives the next attempt the progress of the last', async () => {
  const ids = await recorded(await newConnection());
  send = async ({ saveProgress, progress }) => {
    if (progress['first'] === true) return;
    await saveProgress({ first: true });
    throw new DeliveryFailure('Unavailable', 'The second half did not answer.');
  };
  await expect(attempt(ids)).rejects.toMatchObject({ type: 'Unavailable' });
  expect(await attempt(ids)).toEqual({ delivered: 1 });
  expect(sent.map(({ progress }) => progress)).toEqual([{}, { first: true }]);
});
