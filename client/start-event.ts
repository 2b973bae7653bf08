import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LARGE_TASK_QUEUE, WORKFLOW_TYPE } from '../workflows/constants';
import { ContentFolderError } from './content-folder';
import { ClusterRefused, ClusterUnavailable, EventTooLarge, IdConflict, LargeEventStoreUnavailable } from './errors';
import { eventWorkflow } from './event-workflow';
import type { Cluster } from './open-cluster';
import { MAX_INPUT_BYTES, type PreparedEvent } from './prepare-event';
import { readFailure } from './read-failure';

/** First pause in milliseconds; each further one is twice as long, up to eight times the first. */
const FIRST_PAUSE_MS = { down: 100, slow: 500 } as const;

/** The pause before the last try is shortened, so that it has this long. */
const LAST_TRY_MS = 200;

export interface Timing {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly attemptDeadlineMs: number;
  /** How long the whole had; for messages. */
  readonly deadlineMs: number;
}

/**
 * Starts the event's workflow, trying again until the deadline where that may help.
 *
 * @returns whether the cluster had the event already, from somebody else
 * @throws ClusterUnavailable, ClusterRefused, IdConflict, EventTooLarge, LargeEventStoreUnavailable
 */
export async function startEvent(cluster: Cluster, event: PreparedEvent, timing: Timing): Promise<boolean> {
  const publishId = randomUUID();
  let mayBeAccepted = false;
  for (let tries = 1; ; tries++) {
    try {
      await withinAttempt(cluster, timing, () => start(cluster, event, publishId));
      return false;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return isDuplicate(cluster, event, publishId, timing);
      if (error instanceof ServiceError && error.cause instanceof ContentFolderError) {
        throw new LargeEventStoreUnavailable(event, error.cause);
      }
      const failure = readFailure(error);
      if (failure.verdict === 'refused') throw new ClusterRefused(cluster.name, event, failure);
      if (failure.verdict === 'too large') throw new EventTooLarge(event.bytes, MAX_INPUT_BYTES, event, failure.cause);
      mayBeAccepted ||= failure.mayBeAccepted;
      const leftMs = timing.deadline - performance.now();
      const wantedMs = FIRST_PAUSE_MS[failure.verdict] * 2 ** Math.min(tries - 1, 3) * (0.75 + Math.random() / 2);
      const pauseMs = Math.min(wantedMs, leftMs - LAST_TRY_MS);
      if (pauseMs <= 0) {
        throw new ClusterUnavailable(cluster.name, timing.deadlineMs, event, { ...failure, mayBeAccepted });
      }
      await pause(pauseMs);
    }
  }
}

/** To the workers that have the folder, which take few of them at once; reading one can take them more than the default of 10 s. */
const LARGE = { taskQueue: LARGE_TASK_QUEUE, workflowTaskTimeout: '20 s' } as const;

async function start({ client, largeFromBytes }: Cluster, event: PreparedEvent, publishId: string): Promise<unknown> {
  return client.start(WORKFLOW_TYPE, {
    ...eventWorkflow(event.key),
    ...(event.bytes > largeFromBytes && LARGE),
    args: [event.input],
    memo: { contentHash: event.hash, publishId },
    workflowIdConflictPolicy: 'FAIL',
    // What was terminated, or refused at recording, can be published again.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
  });
}

/**
 * The cluster has a run of this key. Its memo tells who started it: an earlier try of this publish, whose answer was lost, or
 * another publish. Where the memo cannot be read it counts as another's of the same content.
 */
async function isDuplicate(
  cluster: Cluster,
  event: PreparedEvent,
  publishId: string,
  timing: Timing,
): Promise<boolean> {
  const memo = await withinAttempt(cluster, timing, () => cluster.client.getHandle(event.key).describe()).then(
    (run) => run.memo,
    () => undefined,
  );
  if (memo?.['publishId'] === publishId) return false;
  const contentHash = memo?.['contentHash'];
  if (typeof contentHash === 'string' && contentHash !== event.hash) throw new IdConflict(event);
  return true;
}

async function withinAttempt<T>({ client }: Cluster, timing: Timing, call: () => Promise<T>): Promise<T> {
  const left = Math.min(timing.attemptDeadlineMs, timing.deadline - performance.now());
  return client.withDeadline(Date.now() + left, call);
}
