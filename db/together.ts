import { DatabaseUnavailable } from './tx';

interface Waiting<T> {
  readonly item: T;
  readonly resolve: (isTaken: boolean) => void;
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
 * @param write one statement; returns ids of the rows that took their item
 * @returns what writes one item, and says whether its row took it
 */
export function together<T extends { readonly id: string }>(
  write: (items: readonly T[]) => Promise<readonly string[]>,
): (item: T) => Promise<boolean> {
  let waiting: Waiting<T>[] = [];
  let writing = 0;

  async function writeAll(batch: readonly Waiting<T>[]): Promise<void> {
    try {
      const taken = new Set(await write(batch.map(({ item }) => item)));
      for (const { item, resolve } of batch) resolve(taken.has(item.id));
    } catch (error) {
      if (batch.length === 1 || !isAboutData(error)) return batch.forEach(({ reject }) => reject(error));
      for (const one of batch) await writeAll([one]);
    }
  }

  function takeBatch(): Waiting<T>[] {
    const batch = new Map<string, Waiting<T>>();
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
