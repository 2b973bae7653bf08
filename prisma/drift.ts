import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseClient } from '../db/database-client';
import { migrate } from './migrate';
import { prismaFolder } from './migration-files';
import { withSchemaEngine } from './schema-engine';

/**
 * The SQL that is missing between the migrations' tables and schema.prisma, or '' if they agree. CHECK
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
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    await migrate(url.href, folder);
    return await differenceTo(readFileSync(join(folder, 'schema.prisma'), 'utf8'), url.href);
  } finally {
    await server.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await server.end();
  }
}

/** The SQL that turns the database's present schema into the one of schema.prisma, or '' if they agree. */
async function differenceTo(schema: string, databaseUrl: string): Promise<string> {
  const files = [{ path: 'schema.prisma', content: schema }];
  const { exitCode, stdout } = await withSchemaEngine(databaseUrl, schema, (engine) =>
    engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  return exitCode === 0 ? '' : (stdout ?? '');
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
