import { AsyncResource } from 'node:async_hooks';
import type { Clusters } from './clusters';
import { batchingOf, type Queued } from './compose-batch';
import { Dispatcher, type StartResult } from './dispatcher';
import { ClusterUnavailable, IdConflict, PublisherBusy } from './errors';
import type { PreparedEvent } from './prepare-event';
import type { Receipt } from './publisher';
import type { PublisherSettings } from './publisher-options';
import { hasBegun } from './has-begun';
import { startBatch } from './start-batch';

/** The part of a receipt that is known when the event is accepted. */
export type Accepted = Pick<Receipt, 'acceptedBy' | 'workflowId' | 'duplicate'>;

interface PendingEvent extends Queued {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly event: PreparedEvent;
  /** The asynchronous context of its publish, for interceptors; undefined: there are none. */
  readonly context: AsyncResource | undefined;
  readonly settle: (outcome: Accepted | Error) => void;
  timer: NodeJS.Timeout;
}

/** Events of a batch whose deadlines are so near to its last one, in milliseconds, fail with its outcome. */
const SAME_DEADLINE_MS = 50;
/** They fail so many milliseconds later without it: a folder of large events that hangs knows no deadline. */
const GRACE_MS = 500;
/** So many keys take about 10 MB. */
const MOST_KEYS = 50_000;

/** Events without a journal: each is accepted by a cluster, or its publish fails, within `deadlineMs`. */
export class PendingEvents {
  readonly #settings: PublisherSettings;
  readonly #clusters: Clusters;
  readonly #dispatcher: Dispatcher<PendingEvent>;
  /** Hashes of the events that went in batches last, by key: Temporal knows no workflow of that key. */
  readonly #batched = new Map<string, string>();

  constructor(settings: PublisherSettings, clusters: Clusters) {
    this.#settings = settings;
    this.#clusters = clusters;
    this.#dispatcher = new Dispatcher({
      limits: settings,
      maxInFlight: settings.maxInFlight,
      largeFromBytes: clusters.largeFromBytes,
      start: (batch) => inContext(batch[0]?.context, () => this.#start(batch)),
      onDisplaced: ({ event, settle }) => settle(new PublisherBusy(event)),
    });
  }

  /** @throws every error of `publish` that is not about the event itself, within `deadlineMs` */
  async accept(event: PreparedEvent): Promise<Accepted> {
    const { key, siteId, type, bytes } = event;
    const hash = this.#batched.get(key);
    if (hash !== undefined && hash !== event.hash) throw new IdConflict(event);
    // A key that went in a batch before gets a workflow of its own, which meets another publisher's of that key.
    const batching = hash === undefined ? batchingOf(type, bytes) : 'never';
    const { deadlineMs, interceptors } = this.#settings;
    return await new Promise((resolve, reject) => {
      const pending: PendingEvent = {
        key,
        siteId,
        bytes,
        batching,
        event,
        context: interceptors && new AsyncResource('publish'),
        deadline: performance.now() + deadlineMs,
        timer: setTimeout(() => this.#expire(pending), deadlineMs),
        settle: (outcome) => {
          clearTimeout(pending.timer);
          if (outcome instanceof Error) reject(outcome);
          else resolve(outcome);
        },
      };
      if (!this.#dispatcher.add(pending)) pending.settle(new PublisherBusy(event));
    });
  }

  async close(): Promise<void> {
    await this.#clusters.close();
  }

  #expire(pending: PendingEvent): void {
    const isQueued = this.#dispatcher.remove(pending);
    const { names, reason, preferred } = this.#clusters;
    const why = isQueued && preferred !== undefined ? 'too many events were before it' : reason;
    const last = { withinMs: this.#settings.deadlineMs, reason: why, mayBeAccepted: !isQueued };
    pending.settle(new ClusterUnavailable(names, pending.event, last));
  }

  /** Starts them together, until the deadline of the last one. */
  async #start(batch: readonly PendingEvent[]): Promise<StartResult> {
    const { deadlineMs, attemptDeadlineMs } = this.#settings;
    const deadline = Math.max(...batch.map((one) => one.deadline));
    for (const one of batch.filter((each) => each.deadline >= deadline - SAME_DEADLINE_MS)) {
      clearTimeout(one.timer);
      one.timer = setTimeout(() => this.#expire(one), one.deadline + GRACE_MS - performance.now());
    }
    try {
      const events = batch.map(({ event }) => event);
      const outcome = await startBatch(this.#clusters, events, { deadline, attemptDeadlineMs, deadlineMs });
      for (const { event, settle } of batch) {
        if (outcome.errorFor !== undefined) {
          settle(outcome.errorFor(event));
          continue;
        }
        const { cluster, workflowId, moved } = outcome;
        const duplicate = outcome.duplicate || this.#batched.has(event.key);
        this.#clusters.count(cluster, { duplicate, moved });
        settle({ acceptedBy: cluster.name, workflowId, duplicate });
        if (batch.length > 1) this.#remember(event);
      }
      return { isSlow: outcome.slow, hasBegun: outcome.errorFor === undefined ? hasBegun(outcome) : undefined };
    } catch (error) {
      for (const { settle } of batch) settle(error as Error); // a mistake in this program
      return { isSlow: false };
    }
  }

  #remember({ key, hash }: PreparedEvent): void {
    this.#batched.set(key, hash);
    const [oldest] = this.#batched.keys();
    if (this.#batched.size > MOST_KEYS && oldest !== undefined) this.#batched.delete(oldest);
  }
}

const inContext = <T>(context: AsyncResource | undefined, work: () => T): T =>
  context === undefined ? work() : context.runInAsyncScope(work);
