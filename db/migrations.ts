import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientBase } from 'pg';

/** The number that Prisma's own commands lock while they migrate a database: they and this product wait for each other. */
const PRISMA_LOCK = 72707369;

/** One migration in `_prisma_migrations`; it may have several rows, of which all but the last were rolled back. */
export interface MigrationRecord {
  readonly id: string;
  readonly name: string;
  /** SHA-256 of its script, in hex. */
  readonly checksum: string;
  /** False: it failed, or the process that applied it ended. */
  readonly finished: boolean;
}

const POLL_MS = 200;

/**
 * Waits until no other session has the lock, and holds it until this session ends. It asks again and again: a statement that waits in the
 * server holds a snapshot, and the other session's CREATE INDEX CONCURRENTLY would wait for that.
 *
 * Throws when another session still has it after so long.
 */
export async function lockMigrations(client: ClientBase, waitAtMostMs: number): Promise<void> {
  const end = performance.now() + waitAtMostMs;
  while (!(await tryLock(client))) {
    if (performance.now() > end)
      throw new Error(`Another process has migrated this database for ${waitAtMostMs / 1000} s: run it again later.`);
    await pause(POLL_MS);
  }
}

async function tryLock(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [PRISMA_LOCK]);
  return rows[0]?.locked === true;
}

/** Makes Prisma's table where it is missing. False when it is missing and the schema has other tables. */
export async function prepareMigrationRecords(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean; empty: boolean }>(`
    select to_regclass('_prisma_migrations') is not null as there,
      not exists (select from pg_tables where schemaname = current_schema()) as empty`);
  if (rows[0]?.there) return true;
  if (!rows[0]?.empty) return false;
  await client.query(CREATE_TABLE);
  return true;
}

/** Every migration that was begun and not rolled back, oldest first. */
export async function readMigrationRecords(client: ClientBase): Promise<MigrationRecord[]> {
  const { rows } = await client.query<MigrationRecord>(`
    select id, migration_name as name, checksum, finished_at is not null as finished
    from _prisma_migrations where rolled_back_at is null order by started_at`);
  return rows;
}

/** Says that nothing is left of a migration, so that it is applied again. */
export async function recordRolledBack(client: ClientBase, id: string): Promise<void> {
  await client.query('update _prisma_migrations set rolled_back_at = now() where id = $1', [id]);
}

/**
 * Runs one script and keeps its record. All statements of a script are one transaction, unless it has its own COMMIT; a script with one
 * statement alone runs without a transaction if it has to (CREATE INDEX CONCURRENTLY). Throws the server's error.
 */
export async function runMigration(
  client: ClientBase,
  { name, script, checksum }: { name: string; script: string; checksum: string },
): Promise<void> {
  const id = randomUUID();
  await client.query('insert into _prisma_migrations (id, checksum, migration_name) values ($1, $2, $3)', [
    id,
    checksum,
    name,
  ]);
  try {
    await dropInvalidIndex(client, script);
    await client.query(script); // without parameters: as one message, which the server runs as one transaction
  } catch (error) {
    // Not on a lost session: then the record stays without an end, which says the same.
    await recordFailure(client, id, String(error)).catch(() => undefined);
    throw error;
  }
  await client.query(
    'update _prisma_migrations set finished_at = now(), applied_steps_count = applied_steps_count + 1 where id = $1',
    [id],
  );
}

/** CREATE INDEX CONCURRENTLY leaves an index that nothing uses when it fails or its session ends; IF NOT EXISTS would take it for the index. */
async function dropInvalidIndex(client: ClientBase, script: string): Promise<void> {
  const [, name] = /^create (?:unique )?index concurrently if not exists "(\w+)"/im.exec(script) ?? [];
  if (name === undefined) return;
  const { rows } = await client.query('select from pg_index where indexrelid = to_regclass($1) and not indisvalid', [
    `"${name}"`,
  ]);
  if (rows.length > 0) await client.query(`drop index concurrently if exists "${name}"`);
}

async function recordFailure(client: ClientBase, id: string, log: string): Promise<void> {
  await client.query('rollback'); // of a script that began a transaction itself
  await client.query('update _prisma_migrations set logs = $2 where id = $1', [id, log]);
}

/** As Prisma's schema engine makes it. */
const CREATE_TABLE = `
create table _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;
