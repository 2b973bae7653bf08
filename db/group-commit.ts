import { DatabaseUnavailable } from './tx';

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Statements at once: one that waits for a lock does not hold up all. */
const AT_ONCE = 2;
/** Items of one statement, at most. */
const MOST = 500;

/**
 * What is asked for while others are being written goes with the next, in one statement: one commit for all of them. Two items
 * for the same row are never in one. What Postgres refuses fails alone.
 *
 * @param write one statement; returns what came of it, by id of the row
 * @returns what writes one item: undefined where its row did not take it
 */
export function groupCommit<T extends { readonly id: string }, R>(
  write: (items: readonly T[]) => Promise<ReadonlyMap<string, R>>,
): (item: T) => Promise<R | undefined> {
  let waiting: Waiting<T, R>[] = [];
  let writing = 0;

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
    await Promise.resolve(); // who comes in the same turn goes together
    while (waiting.length > 0) await writeAll(takeBatch());
    writing -= 1;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (writing < AT_ONCE) void writeWaiting();
    });
}

/** SQLSTATE classes 22 and 23: data exceptions, and constraints that are violated. */
const isAboutData = (error: unknown): boolean =>
  !(error instanceof DatabaseUnavailable) && /^2[23]/.test(String((error as { code?: unknown } | null)?.code));
