import { open } from 'node:fs/promises';

/** Brings names of files to the disk, where the file system does not do so by itself. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
