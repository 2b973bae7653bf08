import { prismaFolder, readMigrations, readSchema } from './migration-files';
import { withMigrationLock } from './migration-lock';
import { openSchemaEngine } from './schema-engine';

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
