import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { idsOf, newEvent } from '../tests/new-event';
import { insertConnection } from './connections';
import type { Database } from './database';

const HERE = { cluster: 'main', workflowId: 'run' };

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened));

async function newConnection(): Promise<string> {
  const id = randomUUID();
  const limits = {
    config: {},
    eventTypes: [],
    maxInFlight: 10,
    ratePerSecond: null,
    secrets: null,
    secretsKeyId: null,
  };
  await insertConnection(db, { id, siteId: '7', consumer: 'webhook', name: id, ...limits });
  return id;
}

/** One delivery for each connection, in the order in which their rows are locked. */
async function record(connections: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const [i, connectionId] of connections.entries()) {
    const event = newEvent(`${i}-${randomUUID()}`);
    const deliveries = event.deliveries.map((one) => ({ ...one, connectionId }));
    await db.insertEvents([{ ...event, deliveries }], HERE);
    ids.push(...idsOf(event));
  }
  return ids;
}

const breaking = (ids: readonly string[]) =>
  db.settleDeliveries(
    ids.map((id) => ({
      id,
      state: 'parked',
      leaseToken: null,
      tries: 1,
      delayMs: 0,
      slotReserved: false,
      connectionEdition: 1,
      failure: { type: 'ConnectionBroken', message: '401', details: {} },
      receipt: null,
    })),
  );

/** Until so many statements wait for a lock. */
async function waiting(count: number): Promise<void> {
  const text = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  while ((await pool.query(text)).rowCount !== count);
}

it.each([
  ['rises', (ids: string[]) => ids.sort()],
  ['falls', (ids: string[]) => ids.sort().reverse()],
])('marks the connections of its deliveries, whose order %s, in the order of all others', async (_, order) => {
  const connections = order(await Promise.all([newConnection(), newConnection(), newConnection()]));
  const ids = await record(connections);
  const [lowest, ...others] = [...connections].sort();
  const settled = await db.inTransaction(async (tx) => {
    await tx.query('select from connection where id = $1 for update', [lowest]);
    const settling = breaking(ids);
    await waiting(1);
    // What waits for the first of them holds none of the others, so that nothing waits in a circle.
    const free = await tx.query('select from connection where id = any($1) for update skip locked', [others]);
    expect(free.rowCount).toBe(2);
    return { settling };
  });
  expect((await settled.settling).sort()).toEqual(ids.sort());
  const { rows } = await pool.query('select distinct state from connection where id = any($1)', [connections]);
  expect(rows).toEqual([{ state: 'broken' }]);
});
