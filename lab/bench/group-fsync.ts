import { open, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { writeEntry } from '../../client/journal/entry';
import { prepareEvent } from '../../client/prepare-event';
import { offer, PER_SECOND } from './journal';
import { singleQueueEvent } from '../make-events';

/** The yardstick of the journal: the same bytes at the same rate, brought to the disk and nothing else. Arguments: file, seconds, when to begin. */
async function main([file = '', seconds = '', startAt = '']: readonly string[]): Promise<void> {
  const entries = Array.from({ length: PER_SECOND }, (_, n) => {
    const { type, data, id } = singleQueueEvent(n);
    return writeEntry({ publishedAt: Date.now(), event: prepareEvent(type, data, { id }) });
  });
  const log = await openBareLog(file);
  const append = (n: number) => log.append(entries[n % entries.length] ?? Buffer.alloc(0));
  await offer(append, 1); // warms up
  await pause(Number(startAt) - Date.now());
  console.log(JSON.stringify(await offer(append, Number(seconds))));
  await log.close();
  await rm(file);
}

/** Appends to a file: records that come during an fsync go to the disk with the next one. */
async function openBareLog(file: string) {
  const handle = await open(file, 'wx');
  let waiting: { readonly bytes: Buffer; readonly done: () => void }[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      await handle.write(Buffer.concat(batch.map(({ bytes }) => bytes)));
      await handle.datasync();
      for (const { done } of batch) done();
    }
    isWriting = false;
  }

  return {
    append: (bytes: Buffer): Promise<void> =>
      new Promise((done) => {
        waiting.push({ bytes, done });
        if (!isWriting) void write();
      }),
    close: () => handle.close(),
  };
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
