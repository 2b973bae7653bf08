import { BATCH_BYTES, composeBatch, type Crowd, type Queued } from './compose-batch';
import { FirstTasks } from './first-tasks';
import type { PublisherSettings } from './publisher-options';
import { SiteQueues, type QueueLimits } from './site-queues';

export interface StartResult {
  /** The cluster was slow. */
  readonly isSlow: boolean;
  /** Asks the cluster whether a worker has begun the workflow's first task. undefined: it has not taken one. */
  readonly hasBegun?: (() => Promise<boolean>) | undefined;
}

export interface DispatcherOptions<T> {
  readonly limits: Pick<PublisherSettings, 'maxBatch' | 'batchFrom' | 'batchAfterMs' | 'deadlineMs'> & QueueLimits;
  /** Batches that are being started at once, at most. */
  readonly maxInFlight: number;
  /** Events with more bytes have queues of their own and are started one by one: each is in memory several times over. */
  readonly largeFromBytes: number;
  /** Starts a batch as one workflow. Never rejects. */
  readonly start: (batch: readonly T[]) => Promise<StartResult>;
  /** Called with an event that lost its place to one of another site. */
  readonly onDisplaced: (one: T) => void;
}

/**
 * Starts events in batches, each site in its turn.
 *
 * | state of an event | becomes                                                                                      |
 * | ----------------- | -------------------------------------------------------------------------------------------- |
 * | queued            | starting: `maxInFlight` allows one more batch, and it is the turn of its site                |
 * |                   | removed: by its owner; displaced: the queues are full, and its site has the largest share    |
 * | starting          | out of here when `start` resolves: its owner has settled it, or adds it again                |
 */
export class Dispatcher<T extends Queued> {
  readonly #largeFromBytes: number;
  readonly #small: Lane<T>;
  readonly #large: Lane<T>;

  constructor(options: DispatcherOptions<T>) {
    this.#largeFromBytes = options.largeFromBytes;
    this.#small = new Lane(options);
    this.#large = new Lane({ ...options, maxInFlight: 1 });
  }

  /** @returns false when there is no room for it */
  add(one: T): boolean {
    return this.#laneOf(one).add(one);
  }

  /** @returns false when it is not queued */
  remove(one: T): boolean {
    return this.#laneOf(one).queues.remove(one);
  }

  #laneOf({ bytes }: T): Lane<T> {
    return bytes > this.#largeFromBytes ? this.#large : this.#small;
  }
}

/** The weight of the last start in the average time of a start. */
const LAST_WEIGHT = 0.25;

/** Fewer batches are under way while the cluster is slow, at least one; each quick start lets their number grow again. */
class Lane<T extends Queued> {
  readonly queues: SiteQueues<T>;
  readonly #options: DispatcherOptions<T>;
  readonly #firstTasks: FirstTasks;
  #limit: number;
  #underWay = 0;
  /** The average time of a start in milliseconds; 0 before the first has ended. */
  #startMs = 0;
  #isScheduled = false;

  constructor(options: DispatcherOptions<T>) {
    this.#options = options;
    this.#limit = options.maxInFlight;
    this.queues = new SiteQueues(options.limits, options.onDisplaced);
    this.#firstTasks = new FirstTasks(options.limits, () => this.#startBatches());
  }

  /** Events of one turn of the event loop go together. */
  add(one: T): boolean {
    if (!this.queues.add(one)) return false;
    if (!this.#isScheduled) setImmediate(() => this.#startBatches());
    this.#isScheduled = true;
    return true;
  }

  #startBatches(): void {
    this.#isScheduled = false;
    const { limits, start } = this.#options;
    while (this.#underWay < Math.floor(this.#limit)) {
      const batch = composeBatch(this.queues, limits, this.#crowd());
      if (this.queues.size === 0) this.#firstTasks.drained();
      if (batch.length === 0) return;
      this.#underWay += 1;
      const mayWatch = batch.some(({ batching }) => batching === 'after a wait') && this.#firstTasks.noteStart();
      const began = performance.now();
      void start(batch).then(({ isSlow, hasBegun }) => {
        this.#ended(performance.now() - began, isSlow);
        if (mayWatch && hasBegun) this.#firstTasks.watch(hasBegun);
        this.#startBatches();
      });
    }
  }

  #ended(tookMs: number, isSlow: boolean): void {
    const { maxInFlight } = this.#options;
    this.#underWay -= 1;
    this.#limit = isSlow ? Math.max(1, this.#limit / 2) : Math.min(maxInFlight, this.#limit + 1 / this.#limit);
    this.#startMs += (tookMs - this.#startMs) * LAST_WEIGHT;
  }

  /** By the time that the last of them would wait, if each were started alone: for its turn, and then for its first task. */
  #crowd(): Crowd {
    const { maxBatch, batchFrom, batchAfterMs } = this.#options.limits;
    const { size, bytes } = this.queues;
    if (maxBatch === 1) return 'alone';
    if (size >= batchFrom || (size * this.#startMs) / Math.floor(this.#limit) > batchAfterMs) return 'together';
    if (!this.#firstTasks.areLate) return 'alone';
    return bytes < BATCH_BYTES && this.#firstTasks.hold() ? 'held' : 'together';
  }
}
