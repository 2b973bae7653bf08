import { parseArgs } from 'node:util';
import { findDrift, writeMigration } from '../prisma/drift';
import { prismaFolder, readMigrations, readSchema } from '../prisma/migration-files';
import { withMigrationLock } from '../prisma/migration-lock';
import { openSchemaEngine } from '../prisma/schema-engine';
import { startPostgres } from './stack/start-postgres';

const usage = `npm run migrate                    applies what DATABASE_URL lacks
npm run migrate -- --check         exits 1 when schema.prisma and the migrations say different things
npm run migrate -- --diff NAME     writes the migration that is missing between them

--check and --diff need a server for a while: the one of SHADOW_DATABASE_URL, else a temporary one.
--folder PATH takes schema.prisma and migrations/ from there.`;

/**
 * Brings a database to the newest schema. Processes that do so at once wait for each other; a second run applies
 * nothing. The record in `_prisma_migrations` is the one that `prisma migrate deploy` keeps, so either can follow the
 * other.
 *
 * Throws when the database does not answer, and when a migration fails: then none of its statements holds, and the
 * next run tries it again.
 */
export async function migrate(databaseUrl: string, folder: string = prismaFolder): Promise<{ applied: string[] }> {
  return withMigrationLock(databaseUrl, async () => {
    const engine = await openSchemaEngine(databaseUrl, readSchema(folder));
    try {
      return { applied: await engine.applyMigrations(readMigrations(folder)) };
    } finally {
      await engine.close();
    }
  });
}

async function main(): Promise<void> {
  const options = { check: { type: 'boolean' }, diff: { type: 'string' }, folder: { type: 'string' } } as const;
  const { check, diff, folder = prismaFolder } = parseArgs({ options }).values;
  if (!check && diff === undefined) {
    const { applied } = await migrate(process.env['DATABASE_URL'] ?? '', folder);
    console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
    return;
  }
  const drift = await withServer((serverUrl) => findDrift(serverUrl, folder));
  if (drift === '') console.log('schema.prisma and the migrations agree.');
  else if (diff !== undefined) console.log(`Wrote ${writeMigration(diff, drift, folder)}.`);
  else throw new Error(`The migrations lack this (npm run migrate -- --diff NAME writes it):\n\n${drift}`);
}

async function withServer<T>(work: (serverUrl: string) => Promise<T>): Promise<T> {
  const postgres = await startPostgres({ url: process.env['SHADOW_DATABASE_URL'] });
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

function report(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  const misused = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  console.error(misused ? `${message}\n\n${usage}` : message);
  process.exit(1);
}

// The engine leaves the timer of its lock behind, for which the process would wait ten seconds.
if (require.main === module) main().then(() => process.exit(0), report);
