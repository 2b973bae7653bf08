import type { Clusters } from './clusters';
import { batchingOf, composeBatch, type Queued } from './compose-batch';
import { ClusterUnavailable, IdConflict, PublisherBusy } from './errors';
import type { PreparedEvent } from './prepare-event';
import type { PublisherSettings } from './publisher-options';
import { RecentKeys } from './recent-keys';
import { startBatch } from './start-batch';
import { Starts } from './starts';
import { SiteQueues } from './site-queues';

/** What became of an event that was accepted. */
export interface Accepted {
  /** Name of the cluster that has it, or `journal`. */
  readonly acceptedBy: string;
  readonly workflowId: string;
  /** It was there already, from another publish. Best effort. */
  readonly duplicate: boolean;
}

interface QueuedEvent extends Queued {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly event: PreparedEvent;
  readonly accept: (accepted: Accepted) => void;
  readonly fail: (error: Error) => void;
}

/** Who came within so many milliseconds is told together. */
const SAME_DEADLINE_MS = 50;

/** The last of a load is told by what came of the start; after so much more, without it: a folder that hangs knows no deadline. */
const GRACE_MS = 500;

/** Each large event keeps this process busy, and is in memory several times over: as an object, as JSON, as bytes. */
const LARGE_IN_FLIGHT = 1;

/** Takes checked events to a cluster: they wait their site's turn, and what waits together is started together. */
export class Dispatcher {
  readonly #settings: PublisherSettings;
  readonly #clusters: Clusters;
  readonly #line: (one: QueuedEvent) => void;
  readonly #lineOfLarge: (one: QueuedEvent) => void;
  /** Those that rode: Temporal knows no workflow of their keys. */
  readonly #rode = new RecentKeys();

  constructor(settings: PublisherSettings, clusters: Clusters) {
    this.#settings = settings;
    this.#clusters = clusters;
    this.#line = this.#openLine(settings.maxInFlight);
    this.#lineOfLarge = this.#openLine(LARGE_IN_FLIGHT);
  }

  /** @throws every error of `publish` that is not about the event itself, within `deadlineMs` */
  take(event: PreparedEvent): Promise<Accepted> {
    const { key, siteId, bytes } = event;
    const line = bytes > this.#clusters.largeFromBytes ? this.#lineOfLarge : this.#line;
    const deadline = performance.now() + this.#settings.deadlineMs;
    const rode = this.#rode.hashOf(key);
    if (rode !== undefined && rode !== event.hash) return Promise.reject(new IdConflict(event));
    // Again under a key that rode: in a workflow of that key it meets whoever has the same.
    const batching = rode === undefined ? batchingOf(event.type, bytes) : 'never';
    return new Promise((resolve, reject) => {
      line({ siteId, bytes, key, event, batching, deadline, accept: resolve, fail: reject });
    });
  }

  async close(): Promise<void> {
    await this.#clusters.close();
  }

  /** A waiting room with its own starts. @returns what takes an event there */
  #openLine(maxInFlight: number): (one: QueuedEvent) => void {
    const timers = new Map<QueuedEvent, NodeJS.Timeout>();
    const leave = (one: QueuedEvent): void => {
      clearTimeout(timers.get(one));
      timers.delete(one);
    };
    const room = new SiteQueues<QueuedEvent>(this.#settings, (one) => {
      leave(one);
      one.fail(new PublisherBusy(one.event));
    });
    const starts = new Starts<QueuedEvent>({
      maxInFlight,
      nextBatch: () => composeBatch(room, this.#settings),
      start: async (load) => {
        load.forEach(leave);
        return await this.#start(load);
      },
    });
    const { deadlineMs } = this.#settings;
    return (one) => {
      if (!room.enter(one)) return one.fail(new PublisherBusy(one.event));
      const expire = (): void => {
        room.leave(one);
        timers.delete(one);
        const { names, reason, preferred } = this.#clusters;
        const why = preferred === undefined ? reason : 'too many events were before it';
        one.fail(new ClusterUnavailable(names, deadlineMs, one.event, { reason: why, mayBeAccepted: false }));
      };
      timers.set(one, setTimeout(expire, deadlineMs));
      starts.call();
    };
  }

  /** Starts them together, until the last one's deadline; each is told by its own. */
  async #start(load: readonly QueuedEvent[]): Promise<{ slow: boolean }> {
    const { deadlineMs, attemptDeadlineMs } = this.#settings;
    const deadline = Math.max(...load.map((one) => one.deadline));
    const timers = load.map((one) => {
      const graceMs = one.deadline < deadline - SAME_DEADLINE_MS ? 0 : GRACE_MS;
      const expire = (): void => {
        const { names, reason } = this.#clusters;
        one.fail(new ClusterUnavailable(names, deadlineMs, one.event, { reason, mayBeAccepted: true }));
      };
      return setTimeout(expire, one.deadline + graceMs - performance.now());
    });
    try {
      const events = load.map(({ event }) => event);
      const outcome = await startBatch(this.#clusters, events, { deadline, attemptDeadlineMs, deadlineMs });
      for (const { event, accept, fail } of load) {
        if (outcome.errorFor !== undefined) {
          fail(outcome.errorFor(event));
          continue;
        }
        const { cluster, workflowId, moved } = outcome;
        const duplicate = outcome.duplicate || this.#rode.hashOf(event.key) !== undefined;
        this.#clusters.count(cluster, { duplicate, moved });
        accept({ acceptedBy: cluster.name, workflowId, duplicate });
        if (load.length > 1) this.#rode.add(event.key, event.hash);
      }
      return { slow: outcome.slow };
    } catch (error) {
      for (const { fail } of load) fail(error as Error); // whatever it is, it is what `publish` throws
      return { slow: false };
    } finally {
      timers.forEach(clearTimeout);
    }
  }
}
