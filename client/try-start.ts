import { ServiceError, WorkflowExecutionAlreadyStartedError, type WorkflowStartOptions } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../protocol/constants';
import { atMost } from './at-most';
import { SLOW_MS } from './cluster-health';
import type { Cluster } from './cluster';
import { ContentStoreError } from './content-store';
import { readClosed, type Failure } from './read-failure';

/** One try at one cluster. */
export type Try =
  | { readonly is: 'started'; readonly slow: boolean }
  /** It has a workflow of this id. */
  | { readonly is: 'there already' }
  | { readonly is: 'failed'; readonly failure: Failure; readonly slow: boolean }
  /** The data is too large for Temporal, and the store does not take it. */
  | { readonly is: 'not stored'; readonly cause: ContentStoreError };

/** An event whose run was terminated, or refused at recording, can be published again. */
const ONCE = {
  workflowIdConflictPolicy: 'FAIL',
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
} as const;

/**
 * Starts a workflow on one cluster, once, and tells its health the result. Returns when it is known whether the cluster is
 * to be given up; it is given up at once when others have found that out.
 *
 * @param untilMs how long it may take in all, probes of the cluster included
 * @throws only an error that is a mistake in this program
 */
export async function tryStart(
  cluster: Cluster,
  options: WorkflowStartOptions,
  { attemptDeadlineMs, untilMs }: { readonly attemptDeadlineMs: number; readonly untilMs: number },
): Promise<Try> {
  const { connection, health } = cluster;
  const { client } = connection;
  const began = performance.now();
  const tookMs = (): number => performance.now() - began;
  const gone = new AbortController();
  const forget = health.onChange(() => health.isUsable || gone.abort());
  try {
    await client.withDeadline(Date.now() + Math.min(attemptDeadlineMs, untilMs), () =>
      client.withAbortSignal(gone.signal, () => client.start(WORKFLOW_TYPE, { ...options, ...ONCE })),
    );
    health.succeeded(tookMs());
    return { is: 'started', slow: tookMs() > SLOW_MS };
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      health.succeeded(tookMs());
      return { is: 'there already' };
    }
    if (error instanceof ServiceError && error.cause instanceof ContentStoreError) {
      return { is: 'not stored', cause: error.cause };
    }
    const triedMs = tookMs();
    // It may have been replaced while a large event was being stored.
    const closed = cluster.connection === connection ? undefined : readClosed(error);
    if (closed) return { is: 'failed', failure: closed, slow: false };
    const failure = connection.readFailure(error);
    await atMost(untilMs - triedMs, health.failed(failure, triedMs));
    if (failure.verdict === 'suspect') cluster.reconnect(connection);
    return { is: 'failed', failure, slow: health.isUsable && (failure.verdict === 'busy' || triedMs > SLOW_MS) };
  } finally {
    forget();
  }
}
