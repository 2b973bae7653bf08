import { atMost } from '../at-most';
import { composeBatch } from '../compose-batch';
import type { Accepted } from '../dispatcher';
import { IdConflict } from '../errors';
import { batchWorkflow } from '../event-workflow';
import type { Clusters } from '../clusters';
import type { Cluster } from '../cluster';
import type { PreparedEvent } from '../prepare-event';
import type { PublisherSettings } from '../publisher-options';
import { startBatch } from '../start-batch';
import { Starts } from '../starts';
import { SiteQueues } from '../site-queues';
import { Confirmations } from './confirmations';
import { createEntry, readEntry, readText, writeEntry, writeBatch, type Entry } from './entry';
import type { Journal } from './journal';
import { Questions } from './questions';
import type { Place } from './segment';
import { TakeOver } from './take-over';
import { warn } from './warn';

export interface JournalStatus {
  /** Events in it: not known to be recorded. */
  readonly entries: number;
  /** Of its files with such events. */
  readonly bytes: number;
  /** Of its files with events that are all recorded, kept for `npm run ops -- journal replay`. They give way to the others. */
  readonly keptBytes: number;
  /** Of events that are not on the disk yet: nobody has a receipt for them. */
  readonly waitingBytes: number;
  /** Milliseconds since the oldest was published; 0 where there is none. */
  readonly oldestAgeMs: number;
}

/** Milliseconds between rounds of questions to the database. */
const ASK_EVERY_MS = 10_000;

/** After so many milliseconds without success a start begins anew, with short pauses: there is no end to it. */
const TRY_MS = 10_000;

/**
 * Accepts events when the journal has them, and takes them to the cluster in the background, for ever. An event leaves the
 * journal when the database knows it. In memory is only where each one is.
 */
export class JournaledDispatcher {
  readonly #settings: PublisherSettings;
  readonly #journal: Journal;
  readonly #clusters: Clusters;
  readonly #confirmations: Confirmations;
  readonly #line: (entry: Entry) => void;
  readonly #lineOfLarge: (entry: Entry) => void;
  readonly #entries = new Set<Entry>();
  readonly #recovered: Promise<void>;
  /** In the line, or being started. */
  readonly #unstarted = new Set<Entry>();
  #onAllStarted = (): void => {};
  /** Point in time by `performance.now()`: what is not started by then is left for the next process. */
  #closeBy = Infinity;

  constructor(settings: PublisherSettings, clusters: Clusters, journal: Journal, askEveryMs = ASK_EVERY_MS) {
    this.#settings = settings;
    this.#journal = journal;
    this.#clusters = clusters;
    this.#line = this.#openLine(settings.maxInFlight);
    this.#lineOfLarge = clusters.largeFromBytes === Infinity ? this.#line : this.#openLine(1);
    const { takeoverAfterMs } = settings;
    const questions = new Questions(clusters, takeoverAfterMs);
    const { deadlineMs } = settings;
    const takeOver = new TakeOver({ clusters, questions, deadlineMs, read: (load) => this.#read(load) });
    this.#confirmations = new Confirmations(
      { askEveryMs, takeoverAfterMs },
      {
        ask: (keys) => questions.ask(keys),
        release: (entry) => {
          this.#entries.delete(entry);
          journal.release(entry.place);
        },
        start: (entry) => this.#enter(entry),
        startAgain: (entries, by) => takeOver.startAgain(entries, by),
      },
    );
    this.#recovered = this.#recover();
  }

  /** @throws JournalFull, JournalUnavailable */
  async take(event: PreparedEvent): Promise<Accepted> {
    const written = { publishedAt: Date.now(), event };
    const enter = (place: Place): void => {
      const entry = createEntry(written, place);
      this.#entries.add(entry);
      this.#enter(entry);
    };
    enter(await this.#journal.append(writeEntry(written), event, enter));
    return { acceptedBy: 'journal', workflowId: event.key, duplicate: false };
  }

  status(): JournalStatus {
    const now = Date.now();
    const oldest = [...this.#entries].reduce((least, { publishedAt }) => Math.min(least, publishedAt), now);
    const { bytes, keptBytes, waitingBytes } = this.#journal;
    return { entries: this.#entries.size, bytes, keptBytes, waitingBytes, oldestAgeMs: now - oldest };
  }

  /** Starts what is left, until the deadline; the rest is for the next process. */
  async close(): Promise<void> {
    this.#closeBy = performance.now() + this.#settings.deadlineMs;
    if (this.#journal.isOpen) await atMost(this.#settings.deadlineMs, this.#recovered);
    const allStarted = new Promise<void>((resolve) => (this.#onAllStarted = resolve));
    if (this.#unstarted.size > 0) await atMost(this.#closeBy - performance.now(), allStarted);
    this.#closeBy = -Infinity;
    this.#confirmations.close();
    await this.#clusters.close();
    if (await atMost(this.#settings.deadlineMs, this.#journal.close())) return;
    warn('The disk of the journal hangs. Its folder is locked until this process ends.');
  }

  /** The database is asked first about what an earlier process has left: most of it may be recorded. */
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
      this.#entries.add(entry);
      this.#confirmations.watch([entry]);
      return true;
    });
    this.#confirmations.askNow();
  }

  #enter(entry: Entry): void {
    this.#unstarted.add(entry);
    if (entry.bytes > this.#clusters.largeFromBytes) this.#lineOfLarge(entry);
    else this.#line(entry);
  }

  /** @returns what takes an entry there, to wait its site's turn */
  #openLine(maxInFlight: number): (entry: Entry) => void {
    const room = new SiteQueues<Entry>({ maxWaiting: Infinity, maxWaitingBytes: Infinity }, () => {});
    const starts = new Starts<Entry>({
      maxInFlight,
      nextBatch: () => (performance.now() < this.#closeBy ? composeBatch(room, this.#settings) : []),
      start: (load) => this.#start(load),
    });
    return (entry) => {
      room.enter(entry);
      starts.call();
    };
  }

  /** Starts them together, under the same id each time, until the cluster has them, or says that it never will. */
  async #start(load: readonly Entry[]): Promise<{ slow: boolean }> {
    const { attemptDeadlineMs } = this.#settings;
    let [slow, isBeside] = [false, false];
    try {
      const events = await this.#read(load);
      if (load.length > 1) {
        const { workflowId } = batchWorkflow(load.map(({ key }) => key));
        this.#journal.remark(writeBatch(workflowId, load));
      }
      for (;;) {
        const deadline = Math.min(performance.now() + TRY_MS, this.#closeBy);
        const timing = { deadline, attemptDeadlineMs, deadlineMs: TRY_MS };
        const outcome = await startBatch(this.#clusters, events, timing, isBeside);
        slow ||= outcome.slow;
        if (outcome.errorFor === undefined) {
          const { cluster, workflowId } = outcome;
          for (const _ of load) this.#clusters.count(cluster, outcome);
          this.#started(load, cluster, workflowId);
          return { slow };
        }
        if (!outcome.mayChange) {
          // What is refused now is tried again when the database has been asked about it.
          const [error] = events.map(outcome.errorFor);
          if (error instanceof IdConflict && !isBeside) {
            isBeside = true; // nobody can be told any more: its run lists it in refused_event
            continue;
          }
          this.#failed(load, error as Error); // no load is empty
          return { slow };
        }
        if (deadline === this.#closeBy) return { slow };
        await this.#clusters.untilUsable(Math.min(TRY_MS, this.#closeBy - performance.now()));
      }
    } catch (error) {
      if (this.#closeBy === Infinity) this.#failed(load, error as Error);
      return { slow };
    }
  }

  /** Whichever of them it is about, it holds up no other one. */
  #failed(load: readonly Entry[], { message }: Error): void {
    if (load.length > 1) {
      for (const entry of load) {
        entry.batching = 'never';
        this.#enter(entry);
      }
      return;
    }
    warn(`In the journal, an event waits: ${message}`);
    this.#started(load);
  }

  async #read(load: readonly Entry[]): Promise<PreparedEvent[]> {
    const texts = await this.#journal.read(load.map(({ place }) => place));
    return texts.map((text) => readEntry(text).event);
  }

  /** Without a cluster and a workflow: none takes them, for now. */
  #started(load: readonly Entry[], cluster?: Cluster, workflowId?: string): void {
    for (const entry of load) {
      entry.startedAt = performance.now();
      entry.startedOn = cluster;
      entry.workflowId = workflowId;
      this.#unstarted.delete(entry);
    }
    this.#confirmations.watch(load);
    if (this.#unstarted.size === 0) this.#onAllStarted();
  }
}
