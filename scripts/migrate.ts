import { readMigrations, readSchema } from '../prisma/migration-files';
import { openSchemaEngine } from '../prisma/schema-engine';
import { withMigrationLock } from '../prisma/migration-lock';

/**
 * Brings a database to the newest schema. Processes that do so at once wait for each other; a second run applies
 * nothing. The record in `_prisma_migrations` is the one that `prisma migrate deploy` keeps, so either can follow the
 * other.
 *
 * Throws when the database does not answer, and when a migration fails: then none of its statements holds.
 */
export async function migrate(databaseUrl: string): Promise<{ applied: string[] }> {
  return withMigrationLock(databaseUrl, async () => {
    const engine = await openSchemaEngine(databaseUrl, readSchema());
    try {
      return { applied: await engine.applyMigrations(readMigrations()) };
    } finally {
      await engine.close();
    }
  });
}

async function main(): Promise<void> {
  const { applied } = await migrate(process.env['DATABASE_URL'] ?? '');
  console.log(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.join(', ')}.`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
