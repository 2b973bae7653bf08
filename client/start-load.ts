import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LARGE_TASK_QUEUE, WORKFLOW_TYPE } from '../workflows/constants';
import { ContentFolderError } from './content-folder';
import {
  ClusterRefused,
  ClusterUnavailable,
  EventTooLarge,
  IdConflict,
  LargeEventStoreUnavailable,
  type PublishError,
} from './errors';
import { eventWorkflow, rideWorkflow } from './event-workflow';
import type { Cluster } from './open-cluster';
import { MAX_INPUT_BYTES, type PreparedEvent } from './prepare-event';
import { readFailure } from './read-failure';

/** First pause in milliseconds; each further one is twice as long, up to eight times the first. */
const FIRST_PAUSE_MS = { dropped: 100, suspect: 100, busy: 500 } as const;

/** The pause before the last try is shortened, so that it has this long. */
const LAST_TRY_MS = 200;

/** A start that takes longer is a sign that the cluster has more than enough to do. */
const SLOW_MS = 1_000;

export interface Timing {
  /** Point in time by `performance.now()`. */
  readonly deadline: number;
  readonly attemptDeadlineMs: number;
  /** How long the whole had; for messages. */
  readonly deadlineMs: number;
}

export interface StartOutcome {
  readonly workflowId: string;
  /** The cluster had the workflow already, from somebody else. */
  readonly duplicate: boolean;
  /** What is thrown to whoever published the event; undefined: the cluster has it. */
  readonly errorFor?: (event: PreparedEvent) => PublishError;
  readonly slow: boolean;
}

/**
 * Starts the workflow of the events, one or several, trying again until the deadline where that may help.
 *
 * @throws what is a mistake in this program, nothing else
 */
export async function startLoad(
  cluster: Cluster,
  events: readonly PreparedEvent[],
  timing: Timing,
): Promise<StartOutcome> {
  const options = startOptions(cluster, events);
  const { workflowId } = options;
  let mayBeAccepted = false;
  let slow = false;
  const failed = (errorFor: StartOutcome['errorFor'] & {}) => ({ workflowId, duplicate: false, slow, errorFor });
  for (let tries = 1; ; tries++) {
    const began = performance.now();
    try {
      await withinAttempt(cluster, timing, () => cluster.client.start(WORKFLOW_TYPE, { ...options, ...ONCE }));
      return { workflowId, duplicate: false, slow: slow || performance.now() - began > SLOW_MS };
    } catch (error) {
      slow ||= performance.now() - began > SLOW_MS;
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        const other = await readOther(cluster, options, timing);
        if (other.isConflict) return failed((event) => new IdConflict(event));
        return { workflowId, duplicate: !other.isOurs, slow };
      }
      if (error instanceof ServiceError && error.cause instanceof ContentFolderError) {
        const { cause } = error;
        return failed((event) => new LargeEventStoreUnavailable(event, cause));
      }
      const failure = readFailure(error);
      const { verdict, cause } = failure;
      if (verdict === 'refused' || verdict === 'not ready')
        return failed((event) => new ClusterRefused(cluster.name, event, failure));
      if (verdict === 'too large') {
        return failed((event) => new EventTooLarge(event.bytes, MAX_INPUT_BYTES, event, cause));
      }
      slow ||= verdict === 'busy';
      mayBeAccepted ||= failure.mayBeAccepted;
      const leftMs = timing.deadline - performance.now();
      const wantedMs = FIRST_PAUSE_MS[verdict] * 2 ** Math.min(tries - 1, 3) * (0.75 + Math.random() / 2);
      const pauseMs = Math.min(wantedMs, leftMs - LAST_TRY_MS);
      if (pauseMs <= 0) {
        const last = { ...failure, mayBeAccepted };
        return failed((event) => new ClusterUnavailable(cluster.name, timing.deadlineMs, event, last));
      }
      await pause(pauseMs);
    }
  }
}

/** To the workers that have the folder, which take few of them at once; reading one can take them more than the default of 10 s. */
const LARGE = { taskQueue: LARGE_TASK_QUEUE, workflowTaskTimeout: '20 s' } as const;

/** What was terminated, or refused at recording, can be published again. */
const ONCE = {
  workflowIdConflictPolicy: 'FAIL',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
} as const;

/** One event is the input by itself, under its key; several are a list. */
export function startOptions({ largeFromBytes }: Cluster, events: readonly PreparedEvent[]) {
  const [event] = events;
  const publishId = randomUUID();
  const alone = events.length === 1 ? event : undefined;
  return {
    ...(alone ? eventWorkflow(alone.key) : rideWorkflow(events.map(({ key }) => key))),
    ...(alone && alone.bytes > largeFromBytes && LARGE),
    args: [alone ? alone.input : events.map(({ input }) => input)],
    memo: alone ? { contentHash: alone.hash, publishId } : { publishId },
  };
}

/**
 * The cluster has a run of this id. Its memo tells who started it: an earlier try of this start, whose answer was lost, or
 * another publish. Where the memo cannot be read it counts as another's of the same content.
 */
async function readOther(
  cluster: Cluster,
  { workflowId, memo: own }: ReturnType<typeof startOptions>,
  timing: Timing,
): Promise<{ readonly isOurs: boolean; readonly isConflict: boolean }> {
  const memo = await withinAttempt(cluster, timing, () => cluster.client.getHandle(workflowId).describe()).then(
    (run) => run.memo,
    () => undefined,
  );
  const isOurs = memo?.['publishId'] === own.publishId;
  const hash = memo?.['contentHash'];
  return { isOurs, isConflict: !isOurs && typeof hash === 'string' && hash !== own.contentHash };
}

async function withinAttempt<T>({ client }: Cluster, timing: Timing, call: () => Promise<T>): Promise<T> {
  const left = Math.min(timing.attemptDeadlineMs, timing.deadline - performance.now());
  return client.withDeadline(Date.now() + left, call);
}
