import { DatabaseUnavailable } from './tx';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements at once: one that waits for a lock does not delay all items. */
const AT_ONCE = 2;
/** Most items of one statement. */
const MOST = 500;
/** While many items come one after the other, a statement waits so many milliseconds for more: each statement has a cost of its own. */
export const GATHER_MS = 4;
/** Items of a statement that are many: more than one event has deliveries, which would only wait for themselves. */
export const MANY = 10;

/**
 * Group commit: items that arrive while a statement runs are written together by the next statement, so that they share a commit.
 * A statement never has two items of the same row. If PostgreSQL refuses the data of an item, only that item fails.
 *
 * @param write runs one statement; returns its results by id of the row
 * @returns a function that writes one item; undefined if its row has no result
 */
export function groupCommit<T extends { readonly id: string }, R>(
  write: (items: readonly T[]) => Promise<ReadonlyMap<string, R>>,
): (item: T) => Promise<R | undefined> {
  let waiting: Waiting<T, R>[] = [];
  let writing = 0;
  /** The last statement had many items: others come soon. */
  let isBusy = false;

  async function writeAll(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item));
      for (const { item, resolve } of batch) resolve(results.get(item.id));
    } catch (error) {
      if (batch.length === 1 || !isAboutData(error)) return batch.forEach(({ reject }) => reject(error));
      for (const one of batch) await writeAll([one]);
    }
  }

  function takeBatch(): Waiting<T, R>[] {
    const batch = new Map<string, Waiting<T, R>>();
    waiting = waiting.filter((one) => {
      if (batch.size === MOST || batch.has(one.item.id)) return true;
      batch.set(one.item.id, one);
      return false;
    });
    return [...batch.values()];
  }

  async function writeWaiting(): Promise<void> {
    writing += 1;
    await Promise.resolve(); // items that arrive in the same turn are written together
    while (waiting.length > 0) {
      if (isBusy && waiting.length < MOST) await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      const batch = takeBatch();
      if (batch.length === 0) break; // the other statement has taken them
      isBusy = batch.length >= MANY;
      await writeAll(batch);
    }
    writing -= 1;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (writing < AT_ONCE) void writeWaiting();
    });
}

/** SQLSTATE classes 22 and 23: data exceptions and violated constraints. */
const isAboutData = (error: unknown): boolean =>
  !(error instanceof DatabaseUnavailable) && /^2[23]/.test(String((error as { code?: unknown } | null)?.code));
