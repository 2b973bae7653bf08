import { execFileSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

export interface RunAs {
  /** Undefined: as the user of this process. */
  readonly uid?: number;
  readonly gid?: number;
  /** Turns a command into the one to spawn as that user. */
  command(file: string, args: readonly string[]): { file: string; args: readonly string[]; uid?: number; gid?: number };
}

/**
 * PostgreSQL refuses to run as root. As root we run it as the system user `postgres`, or `nobody` where there is none;
 * no user is created. Where that user cannot reach the given paths (a checkout in root's home folder, say), it keeps one right of
 * root's: to pass closed folders.
 * Throws when neither is possible.
 */
export async function runPostgresAs(paths: readonly string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { command: (file, args) => ({ file, args }) };
  const { uid, gid } = systemUser();
  const reachable = await Promise.all(paths.map((path) => canReach(path, uid, gid)));
  if (reachable.every(Boolean)) return { uid, gid, command: (file, args) => ({ file, args, uid, gid }) };
  // Without no_setuid_fixup the kernel would forget that right when PostgreSQL asks whether it may run its own files.
  const prefix = ['--securebits', '+no_setuid_fixup', '--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups'];
  prefix.push('--inh-caps', '+dac_read_search', '--ambient-caps', '+dac_read_search');
  if (!succeeds('setpriv', [...prefix, 'true'])) {
    throw new Error(
      `PostgreSQL does not run as root, and its user cannot read ${paths[reachable.indexOf(false)]}. ` +
        'Run as an ordinary user, move the checkout to a folder that every user can enter, or set DATABASE_URL.',
    );
  }
  return { uid, gid, command: (file, args) => ({ file: 'setpriv', args: [...prefix, file, ...args] }) };
}

function systemUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL does not run as root and there is no user `postgres` or `nobody`: set DATABASE_URL.');
}

/** Whether the user may enter every folder above the path. */
async function canReach(path: string, uid: number, gid: number): Promise<boolean> {
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    const { mode, uid: owner, gid: group } = await stat(folder);
    const mayEnter = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & mayEnter) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

function succeeds(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
