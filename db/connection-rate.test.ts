import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { idsOf, newEvent } from '../tests/new-event';
import { changeConnection, insertConnection } from './connections';
import { createDatabase, type Database } from './database';
import { createPool } from './pool';

const HERE = { cluster: 'main', workflowId: 'run' };
const limits = { config: {}, eventTypes: [], maxInFlight: 10, secrets: null, secretsKeyId: null };

let test: TestDatabase;
/** Two workers. */
let pools: Pool[];
let workers: Database[];

beforeAll(async () => {
  test = await createTestDatabase();
  pools = [createPool(test.url), createPool(test.url)];
  workers = pools.map((pool) => createDatabase(pool));
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await test.drop();
});

const [first, second] = [() => workers[0] as Database, () => workers[1] as Database];

async function newConnection(ratePerSecond: number): Promise<string> {
  const id = randomUUID();
  const names = { id, siteId: '7', consumer: 'webhook', name: id };
  await insertConnection(first(), { ...names, ...limits, ratePerSecond });
  return id;
}

/** Ids of one new delivery for each of `connections`. */
async function record(...connections: readonly string[]): Promise<string[]> {
  const event = newEvent(
    randomUUID(),
    connections.map(() => null),
  );
  const deliveries = event.deliveries.map((one, i) => ({ ...one, connectionId: connections[i] ?? null }));
  await first().insertEvents([{ ...event, deliveries }], HERE);
  return idsOf(event);
}

const claim = (db: Database, ids: readonly string[]) =>
  db.claimDeliveries(ids.map((id) => ({ id, owner: HERE, leaseSeconds: 30 })));

it('gives every delivery a slot of its own, whichever worker claims it', async () => {
  const connection = await newConnection(10);
  const ids = await Promise.all(Array.from({ length: 40 }, () => record(connection)));
  const began = performance.now();
  const taken = await Promise.all(ids.map((one, i) => claim(i % 2 === 0 ? first() : second(), one)));
  const tookMs = performance.now() - began;
  const slots = taken.flat().map(({ slotInMs }) => slotInMs ?? -1);
  expect(slots).toHaveLength(40);
  // A tenth of a second apart; each counts from its own claim.
  expect(Math.max(...slots)).toBeGreaterThanOrEqual(3_900 - tookMs);
  const inOrder = slots.sort((a, b) => a - b);
  const lastSecond = inOrder.filter((ms) => ms > Math.max(...slots) - 1_000);
  expect(lastSecond.length).toBeLessThanOrEqual(11 + tookMs / 100);
});

it('starts with a fresh rate once a connection is mended', async () => {
  const connection = await newConnection(0.01);
  await claim(first(), await record(connection, connection, connection));
  const changes = { ...limits, ratePerSecond: 5 };
  expect(await changeConnection(first(), connection, 1, changes)).toBe(true);
  const [next] = await claim(first(), await record(connection));
  expect(next?.slotInMs).toBeLessThan(1_000); // not behind the 300 s that the three had reserved
});
