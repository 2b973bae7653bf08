import type { Pool } from 'pg';
import { createDatabase, type TestDatabase } from '../tests/database';
import { openPostgresProxy, type PostgresProxy } from '../tests/postgres-proxy';
import { DatabaseClient } from './database-client';
import { createPool } from './pool';
import { DatabaseUnavailable, inTransaction, onPool } from './tx';

let test: TestDatabase;
let proxy: PostgresProxy;

beforeAll(async () => {
  test = await createDatabase();
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
