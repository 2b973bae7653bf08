import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atMost } from '../../client/at-most';
import { ContentBucket, isBucket } from '../../client/content-bucket';
import type { PayloadKey } from '../../client/payload-keys';
import type { Finding } from './finding';

const OF = 'this process';

/** Names the keys by their ids, so that those of workers and publishers can be compared. */
export function checkPayloadKeys([first, ...others]: readonly PayloadKey[]): Finding {
  const line = { of: OF, check: 'payload keys', state: 'ok' } as const;
  if (first === undefined) return { ...line, found: 'none: events are readable in Temporal' };
  const also = others.map(({ id }) => `, decrypts ${id}`).join('');
  return { ...line, found: `encrypts with ${first.id}${also}` };
}

/** Checks LARGE_EVENTS_DIR as this user on this machine; leaves nothing there. A store that hangs gives one failed line. */
export async function checkLargeEvents(dir: string | undefined): Promise<Finding> {
  const line = { of: OF, check: 'large events' };
  if (dir === undefined) {
    const remedy =
      'Set LARGE_EVENTS_DIR for every worker and publisher, to a folder that all of them see, or s3://bucket/prefix.';
    return { ...line, state: 'warn', found: 'events end at 2 MiB', remedy };
  }
  if (isBucket(dir)) return { ...line, ...(await tryBucket(dir)) };
  try {
    if (!(await atMost(5_000, tryFolder(dir)))) throw new Error('no answer within 5 s');
    return { ...line, state: 'ok', found: `${dir} can be written` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      const remedy = 'A worker makes it when it starts; on a network folder, see that it is mounted.';
      return { ...line, state: 'warn', found: `${dir} is not there`, remedy };
    }
    const remedy = 'It must belong to the user that workers and publishers run as, and answer.';
    return { ...line, state: 'fail', found: `${dir} cannot be used: ${code ?? message}`, remedy };
  }
}

async function tryBucket(where: string): Promise<Pick<Finding, 'state' | 'found'>> {
  try {
    await new ContentBucket(where, 10_000).tryOut();
    return { state: 'ok', found: `${where} can be written` };
  } catch (error) {
    return { state: 'fail', found: (error as Error).message }; // it says the remedy as well
  }
}

async function tryFolder(dir: string): Promise<void> {
  if (!(await stat(dir)).isDirectory()) throw new Error('it is no folder');
  const probe = join(dir, `probe.${randomUUID()}`); // one that stays is removed with the old files
  await writeFile(probe, 'probe', { mode: 0o600 });
  await rm(probe);
}
