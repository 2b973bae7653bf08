import { rmSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../stack/run-command';
import type { Release } from './open-workers';

/** The release before this one, built in a folder of its own. */
export interface PreviousRelease extends Release {
  /** Tag or commit. */
  readonly ref: string;
  remove(): Promise<void>;
}

/**
 * Builds the state of the newest tag, or without a tag the state before the newest migration, so that there is one in between.
 *
 * @returns undefined where there is no history to take it from
 * @throws when it cannot be built
 */
export async function buildPrevious(root: string): Promise<PreviousRelease | undefined> {
  const ref = await findPrevious(root);
  if (ref === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'chat-events-previous-'));
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeNow); // should this process be stopped
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', removeNow);
  };
  const extract = ['sh', '-c', 'git -C "$1" archive "$2" | tar -x -C "$3"', 'sh', root, ref, folder];
  for (const command of [extract, ['tsx', 'scripts/build.ts']]) {
    if (command !== extract) await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    const { code, output } = await runCommand(command, { cwd: command === extract ? root : folder });
    if (code === 0) continue;
    await remove();
    throw new Error(`The previous release (${ref}) could not be built: ${output}`);
  }
  return { root: folder, built: true, ref, remove };
}

async function findPrevious(root: string): Promise<string | undefined> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    const { code, output } = await runCommand(['git', ...args], { cwd: root });
    return code === 0 && output.trim() !== '' ? output.trim() : undefined;
  };
  const tag = await git('describe', '--tags', '--abbrev=0');
  if (tag !== undefined) return tag;
  const newest = await git('log', '-1', '--format=%h', '--diff-filter=A', '--', 'prisma/migrations');
  return newest && (await git('rev-parse', '--short', '--verify', '--quiet', `${newest}^`));
}
