import { atMost } from '../at-most';
import type { Clusters } from '../clusters';
import { Dispatcher, type StartResult } from '../dispatcher';
import { IdConflict } from '../errors';
import { hasBegun } from '../has-begun';
import { batchWorkflow } from '../start-options';
import type { Accepted } from '../pending-events';
import type { PreparedEvent } from '../prepare-event';
import type { PublisherSettings } from '../publisher-options';
import { startBatch, type Started } from '../start-batch';
import { Confirmations } from './confirmations';
import { createEntry, readEntry, readText, writeBatch, writeEntry, type Entry } from './entry';
import type { Journal } from './journal';
import { Questions } from './questions';
import type { Place } from './segment';
import { TakeOver } from './take-over';
import { warn } from './warn';
import type { JournalStatus } from '../publisher';

/** Milliseconds between rounds of questions to the database. */
const ASK_EVERY_MS = 10_000;
/** After so many milliseconds without success a start begins anew, with short pauses. */
const TRY_MS = 10_000;

/**
 * Events with a journal: each is accepted when the journal has it, and started in the background, without a deadline. In memory
 * is only where each one is.
 *
 * | state of an entry | becomes                                                                                         |
 * | ----------------- | ----------------------------------------------------------------------------------------------- |
 * | being written     | queued: it is on the disk                                                                       |
 * | recovered         | released, or queued, or started: as the database and its earlier batch have it                  |
 * | queued, starting  | started: a cluster has its workflow, or refuses it for now                                      |
 * | started           | released: the database knows it; queued: refused, and still unknown; started again: unknown     |
 * |                   | for `takeoverAfterMs`, and its workflow is not open                                             |
 * | released          | gone from here; its file is kept for a replay when all of its entries are released              |
 */
export class Outbox {
  readonly #settings: PublisherSettings;
  readonly #journal: Journal;
  readonly #clusters: Clusters;
  readonly #dispatcher: Dispatcher<Entry>;
  readonly #confirmations: Confirmations;
  /** Of this process, and of those before: each in order of time. */
  readonly #own = new Set<Entry>();
  readonly #left = new Set<Entry>();
  /** Of the entries, by key: enough of the hash to tell another content. */
  readonly #contents = new Map<string, number>();
  /** As above, of events whose publish is at hand; with how many there are. */
  readonly #arriving = new Map<string, { readonly content: number; count: number }>();
  readonly #recovered: Promise<void>;
  /** Queued or starting. */
  readonly #unstarted = new Set<Entry>();
  #onAllStarted = (): void => {};
  /** Point in time by `performance.now()`: an event that is not started by then is left for the next process. */
  #closeBy = Infinity;

  constructor(settings: PublisherSettings, clusters: Clusters, journal: Journal, askEveryMs = ASK_EVERY_MS) {
    const { maxInFlight, takeoverAfterMs, deadlineMs } = settings;
    this.#settings = settings;
    this.#journal = journal;
    this.#clusters = clusters;
    this.#dispatcher = new Dispatcher({
      limits: { ...settings, maxWaiting: Infinity, maxWaitingBytes: Infinity },
      maxInFlight,
      largeFromBytes: clusters.largeFromBytes,
      start: (batch) => this.#start(batch),
      onDisplaced: () => {},
    });
    const questions = new Questions(clusters, takeoverAfterMs);
    const takeOver = new TakeOver({ clusters, questions, deadlineMs, read: (entries) => this.#read(entries) });
    this.#confirmations = new Confirmations(
      { askEveryMs, takeoverAfterMs },
      {
        ask: (keys) => questions.ask(keys),
        release: (entry) => {
          for (const entries of [this.#own, this.#left]) entries.delete(entry);
          this.#contents.delete(entry.key);
          journal.release(entry.place);
        },
        start: (entry) => this.#add(entry),
        startAgain: (entries, by) => takeOver.startAgain(entries, by),
      },
    );
    this.#recovered = this.#recover();
  }

  /** @throws IdConflict, JournalFull, JournalUnavailable */
  async accept(event: PreparedEvent): Promise<Accepted> {
    const { key } = event;
    const content = shortened(event);
    const arriving = this.#arriving.get(key) ?? { content, count: 0 };
    if (arriving.content !== content || (this.#contents.get(key) ?? content) !== content) throw new IdConflict(event);
    const written = { publishedAt: Date.now(), event };
    const add = (place: Place): void => {
      this.#contents.set(key, content);
      const entry = createEntry(written, place);
      this.#own.add(entry);
      this.#add(entry);
    };
    arriving.count += 1;
    this.#arriving.set(key, arriving);
    try {
      add(await this.#journal.append(writeEntry(written), event, add));
    } finally {
      arriving.count -= 1;
      if (arriving.count === 0) this.#arriving.delete(key);
    }
    return { acceptedBy: 'journal', workflowId: key, duplicate: false };
  }

  status(): JournalStatus {
    const now = Date.now();
    const oldest = Math.min(now, ...[this.#own, this.#left].map((of) => first(of)?.publishedAt ?? now));
    const { isHeld, bytes, keptBytes, waitingBytes } = this.#journal;
    const [entries, unstarted] = [this.#own.size + this.#left.size, this.#unstarted.size];
    return { isHeld, entries, unstarted, bytes, keptBytes, waitingBytes, oldestAgeMs: now - oldest };
  }

  /** Starts the queued events, until the deadline; the rest is for the next process. */
  async close(): Promise<void> {
    this.#closeBy = performance.now() + this.#settings.deadlineMs;
    if (this.#journal.isOpen) await atMost(this.#settings.deadlineMs, this.#recovered);
    const allStarted = new Promise<void>((resolve) => (this.#onAllStarted = resolve));
    if (this.#unstarted.size > 0) await atMost(this.#closeBy - performance.now(), allStarted);
    this.#closeBy = -Infinity;
    this.#confirmations.close();
    await this.#clusters.close();
    if (await atMost(this.#settings.deadlineMs, this.#journal.close())) return;
    warn('The disk of the journal does not answer. Its folder stays locked until this process ends.');
  }

  /** The database is asked first about the entries that an earlier process has left: most may be recorded. */
  async #recover(): Promise<void> {
    const byPlace = new Map<string, Entry>();
    await this.#journal.recover((text, place) => {
      const written = readText(text);
      if ('ride' in written) {
        for (const at of written.of) {
          const entry = byPlace.get(at.join());
          if (entry) entry.workflowId = written.ride;
        }
        return false;
      }
      const entry = createEntry(written, place);
      byPlace.set([place.segment.number, place.offset].join(), entry);
      this.#left.add(entry);
      if (!this.#contents.has(entry.key)) this.#contents.set(entry.key, shortened(written.event));
      this.#confirmations.watch([entry]);
      return true;
    });
    this.#confirmations.askNow();
  }

  #add(entry: Entry): void {
    this.#unstarted.add(entry);
    this.#dispatcher.add(entry);
  }

  /** Tries under the same id, until a cluster has the workflow or says that it never will. */
  async #start(batch: readonly Entry[]): Promise<StartResult> {
    if (performance.now() >= this.#closeBy) return { isSlow: false };
    const { attemptDeadlineMs } = this.#settings;
    let [isSlow, isBeside] = [false, false];
    try {
      const events = await this.#read(batch);
      if (batch.length > 1)
        this.#journal.remark(writeBatch(batchWorkflow(batch.map(({ key }) => key)).workflowId, batch));
      while (performance.now() < this.#closeBy) {
        const deadline = Math.min(performance.now() + TRY_MS, this.#closeBy);
        const timing = { deadline, attemptDeadlineMs, deadlineMs: TRY_MS };
        const outcome = await startBatch(this.#clusters, events, timing, isBeside);
        isSlow ||= outcome.slow;
        if (outcome.errorFor === undefined) {
          for (const _ of batch) this.#clusters.count(outcome.cluster, outcome);
          this.#started(batch, outcome);
          return { isSlow, hasBegun: hasBegun(outcome) };
        }
        if (outcome.mayChange) {
          await this.#clusters.untilUsable(Math.min(TRY_MS, this.#closeBy - performance.now()));
          continue;
        }
        const [error] = events.map(outcome.errorFor);
        if (!(error instanceof IdConflict) || isBeside) {
          this.#failed(batch, error as Error); // no batch is empty
          return { isSlow };
        }
        isBeside = true; // its caller has a receipt: it is started as a list, and its run lists it in refused_event
      }
    } catch (error) {
      if (this.#closeBy === Infinity) this.#failed(batch, error as Error);
    }
    return { isSlow };
  }

  /** One event's error holds up no other: each is tried alone. One alone is tried again when the database was asked about it. */
  #failed(batch: readonly Entry[], { message }: Error): void {
    if (batch.length === 1) {
      warn(`An event waits in the journal: ${message}`);
      return this.#started(batch);
    }
    for (const entry of batch) {
      entry.batching = 'never';
      this.#add(entry);
    }
  }

  async #read(entries: readonly Entry[]): Promise<PreparedEvent[]> {
    const texts = await this.#journal.read(entries.map(({ place }) => place));
    return texts.map((text) => readEntry(text).event);
  }

  /** Without an outcome: no cluster takes them, for now. */
  #started(batch: readonly Entry[], outcome?: Started): void {
    for (const entry of batch) {
      entry.startedAt = performance.now();
      entry.startedOn = outcome?.cluster;
      entry.workflowId = outcome?.workflowId;
      this.#unstarted.delete(entry);
    }
    this.#confirmations.watch(batch);
    if (this.#unstarted.size === 0) this.#onAllStarted();
  }
}

/** A set keeps the order in which its members were added. */
const first = <T>(set: ReadonlySet<T>): T | undefined => set.values().next().value;

/** 31 bits of the hash of its content, which a number in a map takes no further memory for. */
const shortened = ({ hash }: PreparedEvent): number => parseInt(hash.slice(0, 8), 16) >>> 1;
