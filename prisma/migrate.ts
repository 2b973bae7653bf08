import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { prepareMigrationRecords, readMigrationRecords, recordRolledBack, runMigration } from '../db/migrations';
import { prismaFolder, readMigrations, type Migration } from './migration-files';
import { withMigrationLock } from './migration-lock';

/**
 * Brings a database to the newest schema. Processes that do so at once wait for each other; a second run applies
 * nothing. The record in `_prisma_migrations` is the one that `prisma migrate deploy` keeps, so either can follow the
 * other.
 *
 * Throws when the database does not answer or has tables of others, when a migration was edited after it was applied, and when one
 * fails: then none of its statements holds, and the next run tries it again.
 */
export async function migrate(databaseUrl: string, folder: string = prismaFolder): Promise<{ applied: string[] }> {
  return withMigrationLock(databaseUrl, async (client) => {
    if (!(await prepareMigrationRecords(client))) {
      throw new Error('The database has tables and no record of migrations: give DATABASE_URL of an empty one.');
    }
    const migrations = readMigrations(folder);
    const records = await readMigrationRecords(client);
    const finished = new Map(records.flatMap((one) => (one.finished ? [[one.name, one.checksum]] : [])));
    refuseEdited(migrations, finished);
    for (const { id } of records.filter((one) => !one.finished)) await recordRolledBack(client, id);
    const missing = migrations.filter(({ name }) => !finished.has(name));
    for (const migration of missing) await apply(client, migration);
    return { applied: missing.map(({ name }) => name) };
  });
}

function refuseEdited(migrations: readonly Migration[], finished: ReadonlyMap<string, string>): void {
  const edited = migrations.filter(({ name, script }) => {
    const checksum = finished.get(name);
    return checksum !== undefined && !checksumsOf(script).includes(checksum);
  });
  if (edited.length === 0) return;
  throw new Error(
    `Modified after it was applied: ${edited.map(({ name }) => name).join(', ')}. ` +
      'Restore each file as it was applied, and write the change as a new migration. Nothing was applied.',
  );
}

/** Of the script, and of it with the line ends of the other systems, as Git may have changed them. */
function checksumsOf(script: string): string[] {
  const unix = script.replaceAll('\r\n', '\n');
  return [script, unix, unix.replaceAll('\n', '\r\n')].map(sha256);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function apply(client: ClientBase, { name, script }: Migration): Promise<void> {
  try {
    await runMigration(client, { name, script, checksum: sha256(script) });
  } catch (cause) {
    const { message, position } = cause as Error & { position?: string };
    const line = position === undefined ? '' : `, line ${script.slice(0, Number(position)).split('\n').length}`;
    throw new Error(
      `The migration ${name} failed: ${message} (migration.sql${line}). Mend it, or the rows that it failed at, and run it again.`,
      { cause },
    );
  }
}
