import type { Client } from 'pg';
import { DatabaseClient } from '../db/database-client';
import { lockMigrations } from '../db/migrations';

const CONNECT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 120_000;

/**
 * Runs `work` while no other process migrates or seeds this database.
 *
 * Throws when the database does not answer within 10 s or the other process is not done within two minutes.
 */
export async function withMigrationLock<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(databaseUrl);
  try {
    await lockMigrations(client, LOCK_TIMEOUT_MS);
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(databaseUrl: string): Promise<Client> {
  if (databaseUrl === '') throw new Error('DATABASE_URL is not set: give the address of a Postgres database.');
  const client = new DatabaseClient({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  try {
    await client.connect();
    return client;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : 'unknown';
    const { host, port, database } = client;
    throw new Error(
      `No connection to the database ${database} at ${host}:${port}: ${reason}. Start it, or correct DATABASE_URL.`,
      { cause },
    );
  }
}
