import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newSecretsKey } from '../activities/connections/secret-box';

/** The key that a data folder's connections are sealed with; made with the first call. Only its owner may read it. */
export async function ensureSecretsKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${newSecretsKey()}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim();
}
