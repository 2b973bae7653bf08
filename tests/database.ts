import { createHash, randomUUID } from 'node:crypto';
import type { Client, Pool } from 'pg';
import { DatabaseClient } from '../db/database-client';
import { createDatabase as openStatements, type Database } from '../db/database';
import { createPool } from '../db/pool';
import { migrate } from '../prisma/migrate';
import { readMigrations } from '../prisma/migration-files';

const TEMPLATE_LOCK = 0x74656d70;

export interface TestDatabase {
  readonly url: string;
  /** Removes the database and ends the sessions in it. */
  drop(): Promise<void>;
}

/**
 * A fresh, migrated and otherwise empty database on the test run's Postgres (TEST_POSTGRES_URL, which jest's global
 * setup fills). It is a clone of a template that the first caller makes, so that one costs some tens of milliseconds.
 */
export function createDatabase(): Promise<TestDatabase> {
  return create(ensureTemplate);
}

export interface OpenDatabase {
  readonly pool: Pool;
  /** Every statement that activities run, on that pool. */
  readonly db: Database;
  /** Removes every row. */
  empty(): Promise<void>;
  /** Removes the database. */
  close(): Promise<void>;
}

/** Such a database, opened as a worker has it. */
async function openDatabase(): Promise<OpenDatabase> {
  const { url, drop } = await createDatabase();
  const pool = createPool(url, { forLookUps: true });
  return {
    pool,
    db: openStatements(pool),
    empty: () => emptyDatabase(pool),
    async close() {
      await pool.end();
      await drop();
    },
  };
}

/** Opens such a database before the tests of a file, hands it to `set`, and removes it after them. */
export function useDatabase(set: (opened: OpenDatabase) => void, { emptyAfterEach = false } = {}): void {
  let opened: OpenDatabase;
  beforeAll(async () => set((opened = await openDatabase())));
  afterEach(() => (emptyAfterEach ? opened.empty() : undefined));
  afterAll(() => opened.close());
}

/** Removes every row of such a database. By `delete`, as `truncate` makes new files for each table and each index. */
export async function emptyDatabase(pool: Pool): Promise<void> {
  await pool.query(`do $$ declare name text; begin
    set local session_replication_role = replica; -- so that the tables are in any order
    for name in select tablename from pg_tables where schemaname = 'public' and tablename <> '_prisma_migrations' loop
      execute 'delete from ' || quote_ident(name);
    end loop;
  end $$`);
}

/** A database without a single table. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create(() => Promise.resolve('template0'));
}

async function create(findTemplate: (server: Client) => Promise<string>): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(async (server) => {
    const template = await findTemplate(server);
    await server.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  return {
    url: urlOf(name),
    drop: () => onServer((server) => server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** Named by the migrations, so that a Postgres that outlives a run never hands out yesterday's tables. */
async function ensureTemplate(server: Client): Promise<string> {
  const content = JSON.stringify(readMigrations());
  const template = `template_${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
  await server.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1', [template]);
  if (rowCount === 0) {
    const unfinished = `${template}_unfinished`;
    await server.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await server.query(`CREATE DATABASE ${unfinished}`);
    await migrate(urlOf(unfinished));
    await server.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  }
  await server.query('SELECT pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  return template;
}

async function onServer(work: (server: Client) => Promise<unknown>): Promise<void> {
  const server = new DatabaseClient({ connectionString: urlOf('postgres') });
  await server.connect();
  try {
    await work(server);
  } finally {
    await server.end();
  }
}

function urlOf(database: string): string {
  const server = process.env['TEST_POSTGRES_URL'];
  if (!server)
    throw new Error('TEST_POSTGRES_URL is not set: start the test through jest, whose global setup sets it.');
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
