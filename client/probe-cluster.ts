import { ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../protocol/constants';
import { EVENT_TYPE, SITE_ID } from '../protocol/search-attributes';
import type { Installation } from './installation';
import { openCluster } from './open-cluster';
import type { Failure } from './read-failure';
import type { ClusterOptions } from './publisher-options';

export interface ProbeOptions {
  /** For each of its questions. */
  readonly deadlineMs: number;
  /** Also whether the cluster starts workflows like those of events: it starts one that asks for nothing. */
  readonly withStart: boolean;
  /** Aborted = give it up. */
  readonly signal: AbortSignal;
  /** To which it has to belong. Default: any. */
  readonly installation?: Installation | undefined;
}

/** A workflow that does not exist: to say so, the cluster has to read its store. */
const UNKNOWN_WORKFLOW = 'probe/unknown';
/** Shared by all who probe, so that questions do not pile up where no worker answers them. */
const TRIAL_WORKFLOW = 'probe/start';
const TRIAL_TIMEOUT_MS = 10_000;

/**
 * Asks a cluster, on a connection of its own, something that it cannot answer without its store.
 *
 * @returns undefined when it answers, else the reason
 */
export async function probeCluster(
  where: ClusterOptions,
  { deadlineMs, withStart, signal, installation }: ProbeOptions,
): Promise<Failure | undefined> {
  const cluster = openCluster(where, installation && { installation });
  const { client } = cluster;
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + deadlineMs, () => client.withAbortSignal(signal, call));
  try {
    const checked = within(() => cluster.checkInstallation());
    checked.catch(() => {}); // awaited below, when it is known that the cluster answers
    const readStore = (): Promise<unknown> => within(() => client.getHandle(UNKNOWN_WORKFLOW).describe());
    // Of a connection that cannot be made, only a second call is told why.
    const asked = readStore().catch((error: unknown) => (isUnexplained(error) ? readStore() : Promise.reject(error)));
    await asked.catch((error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    });
    await checked;
    if (!withStart) return undefined;
    await within(() =>
      client.start(RECORDED_EVENTS_TYPE, {
        taskQueue: TASK_QUEUE,
        workflowId: TRIAL_WORKFLOW,
        args: [[]],
        typedSearchAttributes: [
          { key: SITE_ID, value: '0' },
          { key: EVENT_TYPE, value: 'probe' },
        ],
        staticSummary: 'A publisher or worker asks whether this cluster starts workflows',
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowExecutionTimeout: TRIAL_TIMEOUT_MS,
      }),
    );
    return undefined;
  } catch (error) {
    return cluster.readFailure(error);
  } finally {
    await cluster.close();
  }
}

const isUnexplained = (error: unknown): boolean =>
  error instanceof ServiceError && /Last error: null/.test(String(error.cause));
