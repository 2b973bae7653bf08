import { MOST_KEYS_ASKED } from '../../protocol/recorded-events';
import type { Cluster } from '../cluster';
import type { PublisherSettings } from '../publisher-options';
import type { Entry } from './entry';
import type { Answers } from './questions';
import { warn } from './warn';

export interface ConfirmationTiming extends Pick<PublisherSettings, 'takeoverAfterMs'> {
  /** Milliseconds between rounds of questions; one round asks about all that was started before the last second. */
  readonly askEveryMs: number;
}

export interface ConfirmationDeps {
  /** Rejects when cluster, workers or database do not answer. */
  readonly ask: (keys: readonly string[]) => Promise<Answers>;
  /** The database knows it. */
  readonly release: (entry: Entry) => void;
  /** It was not started, as far as this process knows: it is queued. */
  readonly start: (entry: Entry) => void;
  /** Their workflows were started long ago, and the database, asked by way of `by`, does not know them. Rejects when a cluster does not answer. */
  readonly startAgain: (entries: readonly Entry[], by: Cluster) => Promise<void>;
}

/** An event that was started so shortly before is probably not recorded yet. */
const SETTLING_MS = 1_000;

/** Asks whether the started events are recorded, in batches, until they are. */
export class Confirmations {
  readonly #timing: ConfirmationTiming;
  readonly #deps: ConfirmationDeps;
  readonly #watched = new Set<Entry>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;
  #isClosed = false;

  constructor(timing: ConfirmationTiming, deps: ConfirmationDeps) {
    this.#timing = timing;
    this.#deps = deps;
  }

  watch(entries: readonly Entry[]): void {
    for (const entry of entries) this.#watched.add(entry);
    this.#askIn(this.#timing.askEveryMs);
  }

  /** Asks now, about the entries that an earlier process has left. */
  askNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#askIn(0);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #askIn(ms: number): void {
    if (this.#timer !== undefined || this.#isAsking || this.#isClosed || this.#watched.size === 0) return;
    this.#timer = setTimeout(() => void this.#round(), ms);
    this.#timer.unref(); // the entries of the journal can wait for the next process
  }

  async #round(): Promise<void> {
    this.#timer = undefined;
    this.#isAsking = true;
    const before = performance.now() - SETTLING_MS;
    const due = [...this.#watched].filter(({ startedAt = -Infinity }) => startedAt <= before);
    try {
      for (let from = 0; from < due.length && !this.#isClosed; from += MOST_KEYS_ASKED) {
        await this.#askAbout(due.slice(from, from + MOST_KEYS_ASKED));
      }
    } catch {
      // Cluster, workers or database do not answer: the next round asks again.
    }
    this.#isAsking = false;
    this.#askIn(this.#timing.askEveryMs);
  }

  async #askAbout(entries: readonly Entry[]): Promise<void> {
    const { answers, by } = await this.#deps.ask(entries.map(({ key }) => key));
    if (this.#isClosed) return; // the journal is closing: the next process asks again
    const overdue: Entry[] = [];
    entries.forEach((entry, n) => {
      const { key, startedAt, workflowId } = entry;
      const isLate = startedAt !== undefined && performance.now() - startedAt >= this.#timing.takeoverAfterMs;
      const answer = answers[n];
      // A refusal may be that of an earlier publish under the same id, as long as this one may be under way.
      if (answer === 'recorded' || (answer === 'refused' && isLate)) {
        if (answer === 'refused') warn(`${key} was refused when it was to be recorded; see refused_event.`);
        this.#watched.delete(entry);
        this.#deps.release(entry);
      } else if (startedAt !== undefined && !isLate) {
        // Its workflow may just be about to record it.
      } else if (workflowId === undefined) {
        this.#watched.delete(entry);
        this.#deps.start(entry);
      } else {
        overdue.push(entry);
      }
    });
    // Entries that fail stay overdue; those behind them are asked about meanwhile.
    if (overdue.length > 0) await this.#deps.startAgain(overdue, by).catch(() => {});
  }
}
