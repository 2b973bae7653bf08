import { log } from '@temporalio/activity';
import { askTwice } from './ask-twice';
import type { Delivering, Result } from './deliver';
import { isDatabaseUnavailable } from './failures';

function warn({ taken: { id, key, dataQueue } }: Result): void {
  const message = 'The database did not answer: the outcome of a send is not written, and it will be sent again';
  log.warn(message, { deliveryId: id, eventKey: key, dataQueue });
}

interface Waiting {
  readonly result: Result;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes outcomes as soon as they are known, in as few statements as that takes: while one is being written, those that become
 * known gather for the next. An outcome that Postgres refuses fails alone.
 *
 * @returns a function that resolves when its outcome is written
 */
export function settlingTogether({ db, settle }: Delivering): (result: Result) => Promise<void> {
  let gathered: Waiting[] = [];
  let isWriting = false;

  async function settleAll(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = batch.map(({ result }) => result);
      const report = await askTwice(() => settle(db.autocommit, results));
      report();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (isDatabaseUnavailable(error)) for (const { result } of batch) warn(result);
      if (batch.length === 1 || isDatabaseUnavailable(error)) return batch.forEach(({ reject }) => reject(error));
      for (const one of batch) await settleAll([one]);
    }
  }

  async function write(): Promise<void> {
    isWriting = true;
    while (gathered.length > 0) {
      const batch = gathered;
      gathered = [];
      await settleAll(batch);
    }
    isWriting = false;
  }

  return (result) =>
    new Promise((resolve, reject) => {
      gathered.push({ result, resolve, reject });
      if (!isWriting) void write();
    });
}
