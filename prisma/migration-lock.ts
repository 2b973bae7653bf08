import type { Client } from 'pg';
import { DatabaseClient } from '../db/database-client';

/** Two numbers that no other program locks in the database; Prisma's engine locks 72707369. */
const LOCK = [0x63686174, 0x6d696772] as const;
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
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('SELECT pg_advisory_lock($1, $2)', [...LOCK]);
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
