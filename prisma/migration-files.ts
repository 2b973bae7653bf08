import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationList } from '@prisma/schema-engine-wasm';

/** Where schema.prisma and migrations/ are: the same folder from source and from compiled code. */
export const prismaFolder =
  [__dirname, join(__dirname, '..', '..', 'prisma')].find((folder) => existsSync(join(folder, 'schema.prisma'))) ??
  __dirname;

/** The text of schema.prisma. */
export function readSchema(folder: string = prismaFolder): string {
  return readFileSync(join(folder, 'schema.prisma'), 'utf8');
}

/** The migrations on disk, oldest first, as the schema engine takes them. */
export function readMigrations(folder: string = prismaFolder): MigrationList {
  const baseDir = join(folder, 'migrations');
  const names = readdirSync(baseDir).filter((name) => existsSync(join(baseDir, name, 'migration.sql')));
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
    shadowDbInitScript: '',
    migrationDirectories: names.sort().map((path) => {
      const value = readFileSync(join(baseDir, path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
    }),
  };
}
