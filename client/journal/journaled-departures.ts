import { setTimeout as pause } from 'node:timers/promises';
import { composeLoad } from '../compose-load';
import type { Departed } from '../departures';
import { ClusterUnavailable } from '../errors';
import { THRESHOLD_BYTES, type LargeEventStore } from '../large-events';
import { openCluster, type Cluster } from '../open-cluster';
import type { PreparedEvent } from '../prepare-event';
import type { PublisherSettings } from '../publisher-options';
import { startLoad } from '../start-load';
import { Starts } from '../starts';
import { WaitingRoom } from '../waiting-room';
import { askRecorded } from './ask-recorded';
import { Confirmations, type ConfirmationTiming } from './confirmations';
import { createEntry, readEntry, writeEntry, type Entry } from './entry';
import { warn, type Journal } from './journal';
import { isUnderWay, startAgain } from './start-again';

export interface JournalStatus {
  /** Events in it: not known to be recorded. */
  readonly entries: number;
  /** Of its files. */
  readonly bytes: number;
  /** Milliseconds since the oldest was published; 0 where there is none. */
  readonly oldestAgeMs: number;
}

const TIMING: ConfirmationTiming = { askEveryMs: 10_000, startAgainAfterMs: 60_000 };

/** After so many milliseconds without success a start begins anew, with short pauses: there is no end to it. */
const TRY_MS = 10_000;

/**
 * Accepts events when the journal has them, and takes them to the cluster in the background, for ever. An event leaves the
 * journal when the database knows it. In memory is only where each one is.
 */
export class JournaledDepartures {
  readonly #settings: PublisherSettings;
  readonly #journal: Journal;
  readonly #cluster: Cluster;
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

  constructor(
    settings: PublisherSettings,
    store: LargeEventStore | undefined,
    journal: Journal,
    timing: ConfirmationTiming = TIMING,
  ) {
    this.#settings = settings;
    this.#journal = journal;
    this.#cluster = openCluster(settings.cluster, store);
    this.#line = this.#openLine(settings.maxInFlight);
    this.#lineOfLarge = store === undefined ? this.#line : this.#openLine(1);
    this.#confirmations = new Confirmations(timing, {
      ask: (keys) => askRecorded(this.#cluster, keys),
      release: (entry) => {
        this.#entries.delete(entry);
        journal.release(entry.place);
      },
      start: (entry) => this.#enter(entry),
      startAgain: (entries) => this.#startAgain(entries),
    });
    this.#recovered = this.#recover();
  }

  /** @throws JournalFull, JournalUnavailable */
  async take(event: PreparedEvent): Promise<Departed> {
    const written = { publishedAt: Date.now(), event };
    const entry = createEntry(written, await this.#journal.append(writeEntry(written), event));
    this.#entries.add(entry);
    this.#enter(entry);
    return { acceptedBy: 'journal', workflowId: event.key, duplicate: false };
  }

  status(): JournalStatus {
    const oldest = [...this.#entries].reduce((least, { publishedAt }) => Math.min(least, publishedAt), Date.now());
    return { entries: this.#entries.size, bytes: this.#journal.bytes, oldestAgeMs: Date.now() - oldest };
  }

  /** Starts what is left, until the deadline; the rest is for the next process. */
  async close(): Promise<void> {
    this.#closeBy = performance.now() + this.#settings.deadlineMs;
    await this.#recovered;
    const timeUp = new AbortController();
    const allStarted = new Promise<void>((resolve) => (this.#onAllStarted = resolve));
    if (this.#unstarted.size > 0) {
      const time = pause(this.#settings.deadlineMs, undefined, { signal: timeUp.signal }).catch(() => {}); // aborted
      await Promise.race([allStarted, time]);
      timeUp.abort();
    }
    this.#closeBy = -Infinity;
    this.#confirmations.close();
    await this.#cluster.close();
    await this.#journal.close();
  }

  /** The database is asked first about what an earlier process has left: most of it may be recorded. */
  async #recover(): Promise<void> {
    await this.#journal.recover((text, place) => {
      const entry = createEntry(readEntry(text), place);
      this.#entries.add(entry);
      this.#confirmations.watch([entry]);
    });
    this.#confirmations.askNow();
  }

  #enter(entry: Entry): void {
    this.#unstarted.add(entry);
    if (entry.bytes > THRESHOLD_BYTES) this.#lineOfLarge(entry);
    else this.#line(entry);
  }

  /** @returns what takes an entry there, to wait its site's turn */
  #openLine(maxInFlight: number): (entry: Entry) => void {
    const room = new WaitingRoom<Entry>({ maxWaiting: Infinity, maxWaitingBytes: Infinity }, () => {});
    const starts = new Starts<Entry>({
      maxInFlight,
      nextLoad: () => (performance.now() < this.#closeBy ? composeLoad(room, this.#settings) : []),
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
    let slow = false;
    try {
      const events = await this.#read(load);
      for (;;) {
        const deadline = Math.min(performance.now() + TRY_MS, this.#closeBy);
        const timing = { deadline, attemptDeadlineMs, deadlineMs: TRY_MS };
        const outcome = await startLoad(this.#cluster, events, timing);
        slow ||= outcome.slow;
        const error = events[0] && outcome.errorFor?.(events[0]);
        if (error instanceof ClusterUnavailable) {
          if (deadline === this.#closeBy) return { slow };
          continue;
        }
        // What is refused now is tried again when the database has been asked about it.
        if (error !== undefined) warn(`In the journal, ${events.length} events wait: ${error.message}`);
        this.#started(load, error === undefined ? outcome.workflowId : undefined);
        return { slow };
      }
    } catch (error) {
      if (this.#closeBy === Infinity) {
        warn(`In the journal, ${load.length} events wait: ${(error as Error).message}`);
        this.#started(load, undefined);
      }
      return { slow };
    }
  }

  async #read(load: readonly Entry[]): Promise<PreparedEvent[]> {
    const texts = await Promise.all(load.map(({ place }) => this.#journal.read(place)));
    return texts.map((text) => readEntry(text).event);
  }

  #started(load: readonly Entry[], workflowId: string | undefined): void {
    for (const entry of load) {
      entry.startedAt = performance.now();
      if (workflowId !== undefined) entry.workflowId = workflowId;
      else delete entry.workflowId;
      this.#unstarted.delete(entry);
    }
    this.#confirmations.watch(load);
    if (this.#unstarted.size === 0) this.#onAllStarted();
  }

  /** A ride that is open records them when it has its turn; without it, each gets a workflow of its own. */
  async #startAgain(entries: readonly Entry[]): Promise<void> {
    const { deadlineMs } = this.#settings;
    const rides = new Map<string, boolean>();
    for (const entry of entries) {
      const { workflowId = entry.key, key } = entry;
      if (workflowId !== key && !rides.has(workflowId)) {
        rides.set(workflowId, await isUnderWay(this.#cluster, workflowId, deadlineMs));
      }
      if (!rides.get(workflowId)) {
        const [event] = await this.#read([entry]);
        if (event !== undefined) await startAgain(this.#cluster, event, deadlineMs);
        entry.workflowId = key;
      }
      entry.startedAt = performance.now();
    }
  }
}
