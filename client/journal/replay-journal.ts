import { setTimeout as pause } from 'node:timers/promises';
import { MOST_KEYS_ASKED } from '../../protocol/recorded-events';
import type { Clusters } from '../clusters';
import { composeBatch } from '../compose-batch';
import { PUBLISHER_DEFAULTS } from '../publisher-options';
import { SiteQueues } from '../site-queues';
import type { JournalReader, StoredEvent } from './journal-reader';
import { Questions } from './questions';
import { startAgain } from '../continue-event';

export interface ReplayCounts {
  /** Events that the journal has, each key once. */
  readonly looked: number;
  /** Of those, the ones that the database knew when it was asked first. */
  readonly known: number;
  /** That it did not know, and that are started, or left to their publisher for a while. */
  readonly missing: number;
  /** Of the missing, those that it knows now. */
  readonly settled: number;
  /** Of the known and settled, those that it has refused. */
  readonly refused: number;
  /**
   * The earliest file that is kept has events that the database did not know, and files before it are gone: events that it does not
   * know either may be gone with them. It follows from the files' order, not from the publisher's clock.
   */
  readonly mayBeIncomplete: boolean;
}

export interface ReplayOptions {
  readonly journal: Pick<JournalReader, 'files' | 'eventsOf' | 'read'>;
  readonly clusters: Clusters;
  /** Called after each step; `problem`: the cause of a wait. */
  readonly onProgress: (counts: ReplayCounts, problem?: string) => void;
  /** Milliseconds that an event is left to its publisher. Default 60,000. */
  readonly youngMs?: number;
  /** Milliseconds after which an event that is still missing is started again; doubled each time. Default 20,000. */
  readonly againMs?: number;
  /** Milliseconds between rounds of questions. Default 2,000. */
  readonly everyMs?: number;
}

interface Missing extends StoredEvent {
  /** Point in time by `performance.now()`. */
  dueAt: number;
  starts: number;
}

const DEFAULTS = { youngMs: 60_000, againMs: 20_000, everyMs: 2_000 } as const;
const LONGEST_AGAIN_MS = 300_000;
const DEADLINE_MS = 10_000;
/** Starts under way at once. */
const IN_FLIGHT = 4;
/** When so many are missing, all of them go in batches. */
const BATCH_FROM = 50;
/** Of the first file that a journal ever had. */
const FIRST = '0000000001.';
/** A cluster that leaves a question open which another one answers is not asked for long. */
const LOST_AFTER_MS = 60_000;

/**
 * Brings the events of a journal to a database that does not know them, as after it was restored from a backup: asks about
 * every event, independent of its times, starts the unknown ones, and asks again until none is unknown. It may be repeated, and may go on beside the publisher.
 */
export async function replayJournal(options: ReplayOptions): Promise<ReplayCounts> {
  const replay = new Replay(options);
  const { files } = options.journal;
  const earliestKept = files.find(({ releasedAt }) => releasedAt !== null);
  for (const file of files) {
    const before = replay.counts.missing;
    await replay.look(await options.journal.eventsOf(file));
    const isFirst = file === earliestKept && !files[0]?.name.startsWith(FIRST);
    if (isFirst) replay.counts.mayBeIncomplete = replay.counts.missing > before;
    await replay.start();
  }
  await replay.finish();
  return replay.counts;
}

class Replay {
  readonly #options: Required<ReplayOptions>;
  readonly #questions: Questions;
  readonly #missing = new Map<string, Missing>();
  readonly counts: { -readonly [name in keyof ReplayCounts]: ReplayCounts[name] } = {
    looked: 0,
    known: 0,
    missing: 0,
    settled: 0,
    refused: 0,
    mayBeIncomplete: false,
  };

  constructor(options: ReplayOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#questions = new Questions(options.clusters, LOST_AFTER_MS);
  }

  async look(events: readonly StoredEvent[]): Promise<void> {
    const unseen = events.filter(({ key }) => !this.#missing.has(key));
    this.counts.looked += unseen.length;
    await this.#ask(unseen, (event, isKnown) => {
      this.counts[isKnown ? 'known' : 'missing'] += 1;
      // By a clock that was ahead when it was published, its age would be less than none.
      const ageMs = Math.max(0, Date.now() - event.publishedAt);
      const dueAt = performance.now() + Math.max(0, this.#options.youngMs - ageMs);
      if (!isKnown) this.#missing.set(event.key, { ...event, dueAt, starts: 0 });
    });
  }

  /** The due events: together at first; those still missing each alone, lest one holds up the others. */
  async start(): Promise<void> {
    const due = [...this.#missing.values()].filter(({ dueAt }) => dueAt <= performance.now());
    const queues = new SiteQueues<Missing>({ maxWaiting: Infinity, maxWaitingBytes: Infinity }, () => {});
    for (const event of due) if (event.starts === 0) queues.add(event);
    const batches = due.filter(({ starts }) => starts > 0).map((event) => [event]);
    const crowd = queues.size >= BATCH_FROM ? 'together' : 'alone';
    const nextBatch = () => composeBatch(queues, PUBLISHER_DEFAULTS, crowd);
    for (let batch = nextBatch(); batch.length > 0; batch = nextBatch()) batches.push(batch);
    while (batches.length > 0) {
      await Promise.all(batches.splice(0, IN_FLIGHT).map((batch) => this.#startTogether(batch)));
      this.#options.onProgress(this.counts);
    }
  }

  async finish(): Promise<void> {
    while (this.#missing.size > 0) {
      await pause(this.#options.everyMs);
      await this.start();
      await this.#ask([...this.#missing.values()], ({ key }, isKnown) => {
        if (isKnown && this.#missing.delete(key)) this.counts.settled += 1;
      });
    }
  }

  async #startTogether(batch: readonly Missing[]): Promise<void> {
    const { clusters, journal, againMs, onProgress } = this.#options;
    try {
      const events = await Promise.all(batch.map((event) => journal.read(event)));
      const to = clusters.preferred;
      if (to === undefined) throw new Error(clusters.reason);
      await to.call((connection) => startAgain(connection, events, DEADLINE_MS));
      for (const event of batch) {
        event.dueAt = performance.now() + Math.min(LONGEST_AGAIN_MS, againMs * 2 ** event.starts);
        event.starts += 1;
      }
    } catch (error) {
      onProgress(this.counts, `${batch.length} could not be started: ${(error as Error).message}`); // due again in the next round
    }
  }

  async #ask<T extends StoredEvent>(events: readonly T[], each: (event: T, isKnown: boolean) => void): Promise<void> {
    for (let from = 0; from < events.length; from += MOST_KEYS_ASKED) {
      const batch = events.slice(from, from + MOST_KEYS_ASKED);
      const answers = await this.#answersTo(batch.map(({ key }) => key));
      batch.forEach((event, n) => {
        if (answers[n] === 'refused') this.counts.refused += 1;
        each(event, answers[n] !== 'unknown');
      });
      this.#options.onProgress(this.counts);
    }
  }

  async #answersTo(keys: readonly string[]) {
    for (;;) {
      try {
        return (await this.#questions.ask(keys)).answers;
      } catch (error) {
        const { looked, known, missing } = this.counts;
        const why = (error as Error).message.replace(/\.$/, '');
        const wait = 'waiting (Ctrl-C ends it; it can be repeated)';
        this.#options.onProgress(this.counts, `${known + missing} of ${looked} asked; ${why}, ${wait}`);
        await pause(this.#options.everyMs);
      }
    }
  }
}
