import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { livesSince, startOfProcess } from '../living-process';

/**
 * Does the work while no other command works on the folder.
 * Throws when another one does; the lock of a command that was killed is ignored.
 */
export async function oneAtATime<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const lock = join(folder, 'command.lock');
  const own = `${process.pid} ${(await startOfProcess(process.pid)) ?? ''}`;
  if (!(await take(lock, own))) {
    const [pid = '', start] = (await readFile(lock, 'utf8').catch(() => '')).split(' ');
    if (pid === '' || (await livesSince(Number(pid), start || undefined)))
      throw new Error(`Another command works on ${folder} at the moment. Wait for it, or remove ${lock}.`);
    await rm(lock, { force: true });
    if (!(await take(lock, own))) throw new Error(`Another command began on ${folder} at this moment. Wait for it.`);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string, owner: string): Promise<boolean> {
  return await writeFile(lock, owner, { flag: 'wx' }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}
