import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { createPool } from './pool';
import { readGauges } from './read-gauges';
import { onPool, type Tx } from './tx';

let test: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  pool = createPool(test.url, { forLookUps: true });
  await pool.query(
    `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
     values ('Agent.Ban/7/1', 'Agent.Ban', '7', '1', now(), '{}', 'h', 1, 'main', 'w')`,
  );
});
afterAll(async () => {
  await pool.end();
  await test.drop();
});

/** Ages in seconds. */
async function insertDelivery(queue: string, state: string, failure: string | null, age: number, lookIn = 60) {
  await pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, failure_type, owner_cluster, owner_workflow_id,
                           created_at, due_at, look_at, settled_at)
     values ($1, 'Agent.Ban/7/1', $2, $2, 'webhook', '7', $3, $4, 'main', 'w', now() - $5 * interval '1 s', now() - $5 * interval '1 s',
             now() + $6 * interval '1 s', case when $3 <> 'pending' then now() end)`,
    [randomUUID(), queue, state, failure, age, lookIn],
  );
}
const makeOld = () => pool.query("update gauges_reading set begun_at = now() - interval '15 seconds'");
const nowSeconds = () => Date.now() / 1000;

it('says what is parked since when, pending and overdue by data queue, broken, and how late the sweep is', async () => {
  await insertDelivery('A', 'parked', 'Rejected', 3_600);
  await insertDelivery('A', 'parked', 'Rejected', 60);
  await insertDelivery('A', 'parked', 'Paused', 5);
  await insertDelivery('B', 'pending', null, 1);
  await insertDelivery('B', 'pending', null, 90, -1_000);
  await insertDelivery('C', 'delivered', null, 90, -25);
  await pool.query(`insert into connection (site_id, consumer, name, config, state, broken_reason, broken_since) values
    ('7', 'webhook', 'a', '{}', 'broken', 'why', now()), ('7', 'webhook', 'b', '{}', 'ok', null, null),
    ('8', 'webhook', 'c', '{}', 'broken', 'why', now())`);
  const { gauges, takenAt } = (await readGauges(onPool(pool))) ?? fail('nothing was read');
  expect(Math.abs(takenAt.getTime() / 1000 - nowSeconds())).toBeLessThan(30);
  expect(gauges.parked).toHaveLength(2);
  const rejected = gauges.parked.find(({ failure }) => failure === 'Rejected');
  expect(rejected).toMatchObject({ dataQueue: 'A', deliveries: 2 });
  expect(nowSeconds() - (rejected?.oldest ?? 0)).toBeCloseTo(3_600, -2);
  expect(gauges.pending).toEqual([{ dataQueue: 'B', deliveries: 2, overdue: 1 }]);
  expect(gauges.brokenConnections).toEqual([{ consumer: 'webhook', connections: 2 }]);
  expect(gauges.sweepLag).toEqual([{ cluster: 'main', seconds: expect.closeTo(1_000, -2) }]);
});

function fail(message: string): never {
  throw new Error(message);
}

it('is read by one worker at a time, and not again within 15 s', async () => {
  await makeOld();
  const statements: string[] = [];
  const counting: Tx = {
    query: (text, values) => {
      statements.push(text);
      return onPool(pool).query(text, values);
    },
  };
  const readings = await Promise.all(Array.from({ length: 8 }, () => readGauges(counting)));
  expect(statements.filter((text) => text.includes('with parked'))).toHaveLength(1);
  for (const reading of readings) expect(reading?.gauges.pending).toHaveLength(1); // the last one while a new one is taken
  await insertDelivery('D', 'pending', null, 1);
  expect((await readGauges(counting))?.gauges.pending).toHaveLength(1);
  await makeOld();
  expect((await readGauges(counting))?.gauges.pending).toHaveLength(2);
});

it('is read less often the longer it takes, also when it failed', async () => {
  await pool.query("update gauges_reading set took_ms = 2000, begun_at = now() - interval '39 seconds'");
  const before = await readGauges(onPool(pool));
  await insertDelivery('E', 'pending', null, 1);
  expect(await readGauges(onPool(pool))).toEqual(before);
  await pool.query("update gauges_reading set begun_at = now() - interval '41 seconds'");
  const failing: Tx = {
    query: (text, values) =>
      text.includes('with parked') ? Promise.reject(new Error('timed out')) : onPool(pool).query(text, values),
  };
  await expect(readGauges(failing)).rejects.toThrow('timed out');
  expect(await readGauges(onPool(pool))).toEqual(before);
});
