import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../stack/run-command';

const root = join(__dirname, '..');

/** A copy of this checkout in a folder of its own, with the same packages: committed files, and files that will be. */
export async function copyCheckout(): Promise<{ readonly dir: string; readonly remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'checkout-'));
  const listed = ['git', '-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { output } = await runCommand(listed);
  for (const path of output.split('\0').filter(Boolean))
    await cp(join(root, path), join(dir, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // deleted, and not committed yet
    });
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
