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
  /** It was there already, from another publish. */
  readonly duplicate: boolean;
  /** Another cluster was tried, too. */
  readonly moved: boolean;
  readonly slow: boolean;
  readonly errorFor?: undefined;
}

interface NotStarted {
  /** The error of the event's publish. */
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
 * @throws only an error that is a mistake in this program
 */
export async function startBatch(
  clusters: Clusters,
  events: readonly PreparedEvent[],
  { deadline, deadlineMs, attemptDeadlineMs }: Timing,
  isBeside = false,
): Promise<Started | NotStarted> {
  const options = startOptions(clusters, events, isBeside);
  const leftMs = (): number => deadline - performance.now();
  /** When each cluster that was tried may be tried again, by `performance.now()`. */
  const notBefore = new Map<Cluster, number>();
  let [tries, mayBeAccepted, slow] = [0, false, false];
  const started = (cluster: Cluster, duplicate: boolean): Started => {
    return { cluster, workflowId: options.workflowId, duplicate, moved: notBefore.size > 1, slow };
  };
  const failed = (errorFor: NotStarted['errorFor']): NotStarted => ({ errorFor, slow });
  const unavailable = (withinMs?: number): NotStarted => {
    const { names, reason, cause } = clusters;
    const last = { withinMs, reason, mayBeAccepted, cause };
    return { ...failed((event) => new ClusterUnavailable(names, event, last)), mayChange: true };
  };
  for (;;) {
    const cluster = clusters.preferred;
    if (cluster === undefined) {
      const { notReady } = clusters;
      if (notReady) {
        return { ...failed((event) => new ClusterRefused(notReady.name, event, notReady)), mayChange: true };
      }
      if (await clusters.untilUsable(leftMs(), deadlineMs)) continue;
      return unavailable(clusters.refuseConnections(deadlineMs) ? undefined : deadlineMs);
    }
    const pauseMs = (notBefore.get(cluster) ?? 0) - performance.now();
    if (leftMs() <= (pauseMs > 0 ? LAST_TRY_MS : 0)) return unavailable(deadlineMs);
    if (pauseMs > 0) {
      await pause(Math.min(pauseMs, leftMs() - LAST_TRY_MS));
      notBefore.set(cluster, 0);
      continue;
    }
    const one = await tryStart(cluster, options, { attemptDeadlineMs, untilMs: leftMs() });
    const firstMs = FIRST_PAUSE_MS[one.is === 'failed' && one.slow ? 'slow' : 'quick'];
    notBefore.set(cluster, performance.now() + firstMs * 2 ** Math.min(tries, 3) * (0.75 + Math.random() / 2));
    tries += 1;
    switch (one.is) {
      case 'started':
        slow ||= one.slow;
        return started(cluster, false);
      case 'there already': {
        const { isOurs, isConflict } = await readOther(cluster, options, Math.min(attemptDeadlineMs, leftMs()));
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

/**
 * The cluster has a run of this id. Its memo tells who started it: an earlier try of this start, whose answer was lost, or
 * another publish. Where the memo cannot be read it counts as another's of the same content.
 */
async function readOther(
  { connection: { client } }: Cluster,
  { workflowId, memo: own }: ReturnType<typeof startOptions>,
  withinMs: number,
): Promise<{ readonly isOurs: boolean; readonly isConflict: boolean }> {
  const describe = () => client.getHandle(workflowId).describe();
  const run = await client.withDeadline(Date.now() + withinMs, describe).catch(() => undefined);
  const isOurs = run?.memo?.['publishId'] === own.publishId;
  const hash = run?.memo?.['contentHash'];
  return { isOurs, isConflict: !isOurs && typeof hash === 'string' && hash !== own.contentHash };
}
