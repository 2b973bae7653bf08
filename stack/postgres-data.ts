import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { answers } from './living-process';
import { postgresMajor, type PostgresBinaries } from './postgres-binaries';
import type { RunAs } from './postgres-user';

/**
 * Makes `folder/data` a PostgreSQL data folder that can be started now, creating it if it is not there, and returns the superuser's
 * password, which is kept beside it. Existing data is never deleted.
 * Throws when the data was made by another major version, or when a server still runs on it.
 */
export async function preparePostgresData(folder: string, binaries: PostgresBinaries, user: RunAs): Promise<string> {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  if (await exists(join(data, 'PG_VERSION'))) {
    await checkMajor(data, binaries.postgres);
    await clearStaleLock(join(data, 'postmaster.pid'));
  } else {
    await createData(folder, passwordFile, binaries, user);
  }
  return (await readFile(passwordFile, 'utf8')).trim();
}

async function createData(
  folder: string,
  passwordFile: string,
  { initdb }: PostgresBinaries,
  user: RunAs,
): Promise<void> {
  // Built beside its place and renamed, so that an interrupted start never leaves half a data folder behind.
  const unfinished = join(folder, 'data.new');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${randomBytes(18).toString('base64url')}\n`, { mode: 0o600 });
  if (user.uid !== undefined) {
    for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid ?? user.uid);
  }
  const template = process.env[POSTGRES_TEMPLATE];
  if (template === undefined) await initialise(unfinished, passwordFile, initdb, user);
  else await copyTemplate(template, unfinished, passwordFile, user);
  await rename(unfinished, join(folder, 'data'));
}

/**
 * Names a folder whose data `preparePostgresData` has made and no server was started on: they are copied, which takes a tenth of the time
 * that initdb takes. A test run sets it, as its suites start many servers. The password is the same.
 */
export const POSTGRES_TEMPLATE = 'POSTGRES_TEMPLATE';

async function copyTemplate(template: string, unfinished: string, passwordFile: string, user: RunAs): Promise<void> {
  await writeFile(passwordFile, await readFile(join(template, 'password')));
  const { file, args, ...as } = user.command('cp', ['-R', `${join(template, 'data')}/.`, unfinished]);
  await promisify(execFile)(file, args, as);
}

async function initialise(unfinished: string, passwordFile: string, initdb: string, user: RunAs): Promise<void> {
  const args = ['--pgdata', unfinished, '--username', 'postgres', '--auth', 'scram-sha-256', '--pwfile', passwordFile];
  // The built-in locale sorts and folds case the same on every machine, with any installed locales.
  args.push('--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8');
  const { file, args: all, ...as } = user.command(initdb, [...args, '--no-sync', '--no-instructions']);
  await promisify(execFile)(file, all, as).catch((error: Error & { stderr?: string }) => {
    throw new Error(`PostgreSQL could not create its data folder: ${error.stderr?.trim() ?? error.message}`, {
      cause: error,
    });
  });
}

async function checkMajor(data: string, postgres: string): Promise<void> {
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const ours = await postgresMajor(postgres);
  if (made === ours) return;
  throw new Error(
    `The data in ${data} was made by PostgreSQL ${made}, but this is PostgreSQL ${ours}. Move that folder away to start with an ` +
      `empty database, or run PostgreSQL ${made} on it and set DATABASE_URL.`,
  );
}

/**
 * A lock left by a crash names a process that is gone, or (after a reboot or in a new container) another program.
 * A server whose parent has just died is being stopped by its guard, so a running one gets ten seconds.
 */
async function clearStaleLock(lock: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const pid = Number((await readFile(lock, 'utf8').catch(() => '')).split('\n')[0]);
    if (!(pid > 0) || !(await isPostgres(pid))) break;
    if (tries === 50) throw new Error(`PostgreSQL already runs on this data (process ${pid}). Stop it first.`);
    await pause(200);
  }
  await rm(lock, { force: true });
}

async function isPostgres(pid: number): Promise<boolean> {
  if (!answers(pid)) return false;
  const shown = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
    promisify(execFile)('ps', ['-o', 'command=', '-p', `${pid}`]).then(
      ({ stdout }) => stdout,
      () => '',
    ),
  );
  // /proc separates arguments by U+0000, ps by spaces.
  return /postgres(\.exe)?[\0 ]-D[\0 ]/.test(shown);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
