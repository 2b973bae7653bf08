import type { SendRequest } from '../../consumer';

/** Copies of one mail that may have arrived: a third one is sent only when an operator asks for it. */
const MOST_UNANSWERED = 2;

/** One copy whose answer is awaited. */
export interface Copy {
  /** The wait is over. */
  end(): void;
  /** The server has refused it: the count is as before. */
  withdraw(): Promise<void>;
}

/**
 * Counts the copies that were sent without an answer, by recipient, and keeps the counts in the progress of the delivery.
 *
 * @param onRecordAfterMs a copy without an answer is saved after so long, so that a process that is killed does not forget it
 */
export function openUnansweredCopies(
  { progress, saveProgress }: Pick<SendRequest, 'progress' | 'saveProgress'>,
  onRecordAfterMs: number,
) {
  const counts = { ...(progress['unanswered'] as Record<string, number> | undefined) }; // as saved here
  const of = (hash: string): number => counts[hash] ?? 0;
  let saved: Promise<void> | undefined;
  const save = (hash: string, count: number): Promise<void> => {
    counts[hash] = count;
    return saveProgress({ unanswered: { ...counts } });
  };
  return {
    /** True when no further copy may be sent to the recipient. */
    isFull: (hash: string): boolean => of(hash) >= MOST_UNANSWERED,
    /** A copy is sent. */
    begin(hash: string): Copy {
      saved = undefined;
      const before = of(hash);
      const timer = setTimeout(() => {
        saved = save(hash, before + 1);
        saved.catch(() => {}); // `add` throws it, and `withdraw` writes again
      }, onRecordAfterMs);
      const end = (): void => clearTimeout(timer);
      return {
        end,
        async withdraw() {
          end();
          if (saved === undefined) return;
          await saved.catch(() => {});
          await save(hash, before);
        },
      };
    },
    /** The copy that was begun last had no answer. @param isLast no further one is to be sent */
    async add(hash: string, isLast: boolean): Promise<void> {
      await (saved ?? save(hash, of(hash) + 1));
      if (isLast) await save(hash, MOST_UNANSWERED);
    },
  };
}
