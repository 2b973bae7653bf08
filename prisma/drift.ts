import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseClient } from '../db/database-client';
import { prismaFolder, readMigrations, readSchema } from './migration-files';
import { openSchemaEngine } from './schema-engine';

/**
 * The SQL that is missing between what the migrations make and what schema.prisma says, or '' if they agree. CHECK
 * constraints are not compared: schema.prisma cannot say them.
 *
 * `serverUrl` is any database of a server that allows CREATE DATABASE: the migrations are applied to a database of
 * their own, which is removed again.
 */
export async function findDrift(serverUrl: string, folder: string = prismaFolder): Promise<string> {
  const name = `shadow_${process.pid}_${Date.now()}`;
  const server = new DatabaseClient({ connectionString: serverUrl });
  await server.connect();
  try {
    await server.query(`CREATE DATABASE ${name}`);
    try {
      const schema = readSchema(folder);
      const engine = await openSchemaEngine(withDatabase(serverUrl, name), schema);
      try {
        await engine.applyMigrations(readMigrations(folder));
        return await engine.differenceTo(schema);
      } finally {
        await engine.close();
      }
    } finally {
      await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  } finally {
    await server.end();
  }
}

/** Writes `sql` as the next migration, named by the time (UTC) and `name`, and returns its file. */
export function writeMigration(name: string, sql: string, folder: string = prismaFolder): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error('A migration is named in snake_case, for example add_tickets.');
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const directory = join(folder, 'migrations', `${time}_${name}`);
  mkdirSync(directory);
  writeFileSync(join(directory, 'migration.sql'), sql);
  return join(directory, 'migration.sql');
}

function withDatabase(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}
