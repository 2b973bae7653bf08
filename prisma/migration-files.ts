import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where schema.prisma and migrations/ are: the same folder from source and from compiled code. */
export const prismaFolder =
  [__dirname, join(__dirname, '..', '..', 'prisma')].find((folder) => existsSync(join(folder, 'schema.prisma'))) ??
  __dirname;

export interface Migration {
  /** Of its folder, and in Prisma's table: it begins with the time at which it was written. */
  readonly name: string;
  /** SQL. */
  readonly script: string;
}

/** The migrations on disk, oldest first. */
export function readMigrations(folder: string = prismaFolder): Migration[] {
  const root = join(folder, 'migrations');
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'migration.sql')));
  return names.sort().map((name) => ({ name, script: readFileSync(join(root, name, 'migration.sql'), 'utf8') }));
}
