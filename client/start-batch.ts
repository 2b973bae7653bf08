import { setTimeout as pause } from 'node:timers/promises';
import type { Clusters } from './clusters';
import {
  ClusterRefused,
  ClusterUnavailable,
  EventTooLarge,
  IdConflict,
  LargeEventStoreUnavailable,
  type PublishError,
} from './errors';
import type { Cluster } from './cluster';
import { MAX_INPUT_BYTES, type PreparedEvent } from './prepare-event';
import { startOptions } from './start-options';
import { tryStart } from './try-start';

/** Before the same cluster is tried again, in milliseconds; each further pause is twice as long, up to eight times the first. */
const FIRST_PAUSE_MS = { quick: 100, slow: 500 } as const;

/** The pause before the last try is shortened, so that it has this long. */
const LAST_TRY_MS = 200;

export interface Timing {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly attemptDeadlineMs: number;
  /** How long the whole had; for messages. */
  readonly deadlineMs: number;
}

/** A cluster has the workflow. */
export interface Started {
  readonly cluster: Cluster;
  readonly workflowId: string;
  /** It was there already, from somebody else. */
  readonly duplicate: boolean;
  /** Another cluster was tried, too. */
  readonly moved: boolean;
  readonly slow: boolean;
  readonly errorFor?: undefined;
}

interface NotStarted {
  /** What is thrown to whoever published the event. */
  readonly errorFor: (event: PreparedEvent) => PublishError;
  /** It is not about the events: when the clusters are well, it will succeed. */
  readonly mayChange?: true;
  readonly slow: boolean;
}

/**
 * Starts the workflow of the events, one or several, on the first cluster that is not out. One that is slow is waited for; one
 * that goes out leaves them to the next, under the same id. Tries again until the deadline where that may help.
 *
 * @param isBeside as startOptions takes it
 * @throws what is a mistake in this program, nothing else
 */
export async function startBatch(
  clusters: Clusters,
  events: readonly PreparedEvent[],
  timing: Timing,
  isBeside = false,
): Promise<Started | NotStarted> {
  const options = startOptions(clusters, events, isBeside);
  const { workflowId } = options;
  const pauses = new Pauses();
  let [mayBeAccepted, slow] = [false, false];
  const started = (cluster: Cluster, duplicate: boolean): Started => {
    return { cluster, workflowId, duplicate, moved: pauses.size > 1, slow };
  };
  const failed = (errorFor: NotStarted['errorFor']): NotStarted => ({ errorFor, slow });
  const unavailable = (): NotStarted => {
    const { names, reason, cause } = clusters;
    const last = { reason, mayBeAccepted, ...(cause && { cause }) };
    return {
      ...failed((event) => new ClusterUnavailable(names, timing.deadlineMs, event, last)),
      mayChange: true,
    };
  };
  for (;;) {
    const leftMs = timing.deadline - performance.now();
    const cluster = clusters.preferred;
    if (cluster === undefined) {
      const { notReady } = clusters;
      if (notReady)
        return { ...failed((event) => new ClusterRefused(notReady.name, event, notReady)), mayChange: true };
      if (await clusters.untilUsable(leftMs)) continue;
      return unavailable();
    }
    const pauseMs = pauses.leftFor(cluster);
    if (leftMs <= (pauseMs > 0 ? LAST_TRY_MS : 0)) return unavailable();
    if (pauseMs > 0) {
      await pause(Math.min(pauseMs, leftMs - LAST_TRY_MS));
      pauses.end(cluster);
      continue;
    }
    const one = await tryStart(cluster, options, { attemptDeadlineMs: timing.attemptDeadlineMs, untilMs: leftMs });
    pauses.begin(cluster, one.is === 'failed' && one.slow);
    switch (one.is) {
      case 'started':
        slow ||= one.slow;
        return started(cluster, false);
      case 'there already': {
        const { isOurs, isConflict } = await readOther(cluster, options, timing);
        if (isConflict) return failed((event) => new IdConflict(event));
        return started(cluster, !isOurs);
      }
      case 'not stored':
        return failed((event) => new LargeEventStoreUnavailable(event, one.cause));
      case 'failed': {
        const { failure } = one;
        const { verdict, cause } = failure;
        if (verdict === 'refused') return failed((event) => new ClusterRefused(cluster.name, event, failure));
        if (verdict === 'too large') {
          return failed((event) => new EventTooLarge(event.bytes, MAX_INPUT_BYTES, event, cause));
        }
        mayBeAccepted ||= failure.mayBeAccepted;
        slow ||= one.slow;
      }
    }
  }
}

/** When each cluster that was tried may be tried again. */
class Pauses {
  readonly #notBefore = new Map<Cluster, number>();
  #tries = 0;

  /** How many were tried. */
  get size(): number {
    return this.#notBefore.size;
  }

  leftFor(cluster: Cluster): number {
    return Math.max(0, (this.#notBefore.get(cluster) ?? 0) - performance.now());
  }

  begin(cluster: Cluster, slow: boolean): void {
    const ms = FIRST_PAUSE_MS[slow ? 'slow' : 'quick'] * 2 ** Math.min(this.#tries, 3) * (0.75 + Math.random() / 2);
    this.#tries += 1;
    this.#notBefore.set(cluster, performance.now() + ms);
  }

  end(cluster: Cluster): void {
    this.#notBefore.set(cluster, 0);
  }
}

/**
 * The cluster has a run of this id. Its memo tells who started it: an earlier try of this start, whose answer was lost, or
 * another publish. Where the memo cannot be read it counts as another's of the same content.
 */
async function readOther(
  { connection: { client } }: Cluster,
  { workflowId, memo: own }: ReturnType<typeof startOptions>,
  { attemptDeadlineMs, deadline }: Timing,
): Promise<{ readonly isOurs: boolean; readonly isConflict: boolean }> {
  const withinMs = Math.min(attemptDeadlineMs, deadline - performance.now());
  const memo = await client
    .withDeadline(Date.now() + withinMs, () => client.getHandle(workflowId).describe())
    .then(
      (run) => run.memo,
      () => undefined,
    );
  const isOurs = memo?.['publishId'] === own.publishId;
  const hash = memo?.['contentHash'];
  return { isOurs, isConflict: !isOurs && typeof hash === 'string' && hash !== own.contentHash };
}
