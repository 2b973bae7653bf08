import type { Pool } from 'pg';
import { createDatabase as createTestDatabase, type TestDatabase } from '../tests/database';
import { deferred } from '../tests/deferred';
import { openPostgresProxy, type PostgresProxy } from '../tests/postgres-proxy';
import { createDatabase } from './database';
import { DatabaseClient } from './database-client';
import { createPool } from './pool';
import { DatabaseUnavailable, inTransaction, onPool } from './tx';

let test: TestDatabase;
let proxy: PostgresProxy;

beforeAll(async () => {
  test = await createTestDatabase();
  proxy = await openPostgresProxy(test.url);
});

afterAll(async () => {
  proxy.close();
  await test.drop();
});

beforeEach(() => (proxy.endsSessions = false));

async function withPool(work: (pool: Pool) => Promise<void>): Promise<void> {
  const pool = createPool(proxy.url, { max: 1 });
  try {
    await pool.query('select 1'); // connected
    await work(pool);
  } finally {
    await pool.end();
  }
}

const answer = { rows: [{ answer: 1 }] };
const ask = async (pool: Pool) => await onPool(pool).query('select 1 as answer', []);

it('outlives a session that ends between two uses, when a transaction waits for it', () =>
  withPool(async (pool) => {
    proxy.endsSessions = true;
    const first = ask(pool);
    const next = inTransaction(pool, (tx) => tx.query('select 1'));
    expect(await first).toMatchObject(answer);
    await expect(next).rejects.toBeInstanceOf(DatabaseUnavailable);
    proxy.endsSessions = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives a session that ends between two uses, when a statement waits for it', () =>
  withPool(async (pool) => {
    proxy.endsSessions = true;
    const [first, next] = [ask(pool), ask(pool)];
    expect(await first).toMatchObject(answer);
    await expect(next).rejects.toMatchObject({ code: '57P01' });
    proxy.endsSessions = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives a session that ends between the statements of a transaction', () =>
  withPool(async (pool) => {
    const broken = inTransaction(pool, async (tx) => {
      proxy.endsSessions = true;
      await tx.query('select 1');
      return await tx.query('select 1');
    });
    await expect(broken).rejects.toBeInstanceOf(DatabaseUnavailable);
    proxy.endsSessions = false;
    expect(await ask(pool)).toMatchObject(answer);
  }));

it('outlives the end of a session of its own', async () => {
  const client = new DatabaseClient({ connectionString: proxy.url });
  await client.connect();
  const ended = new Promise<void>((resolve) => void client.once('end', resolve));
  proxy.endsSessions = true;
  expect(await client.query('select 1 as answer')).toMatchObject(answer);
  await ended;
  await expect(client.query('select 1')).rejects.toThrow('not queryable');
  await client.end();
});

it('transactions hold a quarter of the connections and begin in turn, one that fails included; other statements go on', async () => {
  const pool = createPool(test.url, { max: 8 });
  const db = createDatabase(pool);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => deferred<void>());
  const all = ends.map(({ promise }, n) =>
    db.inTransaction(async (tx) => {
      begun.push(n);
      await tx.query('select 1');
      await promise;
    }),
  );
  const begin = async (count: number): Promise<void> => {
    while (begun.length < count) await db.query('select 1');
  };
  try {
    await begin(2);
    await Promise.all(Array.from({ length: 12 }, () => db.query('select 1')));
    expect(begun.toSorted()).toEqual([0, 1]);
    ends[1]!.reject(new Error('undone'));
    await expect(all[1]).rejects.toThrow('undone');
    await begin(3);
    expect(begun[2]).toBe(2);
  } finally {
    for (const { resolve } of ends) resolve();
    await Promise.allSettled(all);
    await pool.end();
  }
});
