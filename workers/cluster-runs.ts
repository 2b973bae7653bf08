import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { Runs } from '../activities/maintenance/runs';
import type { ClusterHealth } from '../client/cluster-health';
import { continueBatch, continueEvent, isOpen } from '../client/continue-event';
import { readFailure } from '../client/read-failure';
import { eraseWorkflow } from './erase-workflow';
import { findFailing, isOfAnother, problemOf, restartRun } from './restart-run';

const ANSWER_WITHIN_MS = 10_000;
/** A run is restarted at most so often: a failure that every run has must not become a flood of them. */
const RESTART_AFTER_MS = 600_000;

/** A cluster as maintenance uses it, which may run on another cluster. */
export interface KnownCluster {
  readonly name: string;
  readonly client: WorkflowClient;
  readonly health: ClusterHealth;
}

/** Those of the named clusters that no live worker has reached for too long. */
type FindLost = (names: readonly string[]) => Promise<readonly string[]>;

interface RestartOptions {
  /** Age that a run has before it is restarted. Default: ten minutes. */
  readonly restartAfterMs?: number;
  /** Of this worker: a run of another one, as after a rollback, is restarted at any age. Default: none. */
  readonly release?: string | undefined;
}

/** The clusters of this process, as maintenance on the cluster `here` sees them. */
export function createRuns(
  here: string,
  clusters: readonly KnownCluster[],
  findLost: FindLost,
  { restartAfterMs = RESTART_AFTER_MS, release }: RestartOptions = {},
): Runs {
  const find = (name: string): KnownCluster => {
    const cluster = clusters.find((one) => one.name === name);
    if (cluster === undefined) throw new Error(`This worker knows no cluster of the name ${name}.`);
    return cluster;
  };
  const bounded = <T>(name: string, call: (client: WorkflowClient) => Promise<T>): Promise<T | undefined> => {
    const { client } = find(name);
    return client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => call(client)).catch(unlessGone);
  };
  /** The result of a start tells the cluster's state. */
  const start = async (name: string, work: (client: WorkflowClient) => Promise<void>): Promise<void> => {
    const { client, health } = find(name);
    const began = performance.now();
    const took = () => performance.now() - began;
    try {
      await work(client);
      health.succeeded(took());
    } catch (error) {
      void health.failed(readFailure(error), took());
      throw error;
    }
  };
  const namesOf = (wanted: (cluster: KnownCluster) => boolean) => clusters.filter(wanted).map(({ name }) => name);
  return {
    here,
    known: namesOf(() => true),
    usable: () => namesOf(({ name, health }) => name === here || health.isUsable),
    givenUp: async () => {
      const away = namesOf(({ name, health }) => name !== here && !health.isUsable);
      return away.length === 0 ? [] : await findLost(away);
    },
    isOpen: async ({ cluster, workflowId }) => {
      const description = await bounded(cluster, (client) => client.getHandle(workflowId).describe());
      return description !== undefined && isOpen(description);
    },
    refresh: ({ cluster, workflowId }) => bounded(cluster, (client) => client.getHandle(workflowId).signal('refresh')),
    findFailing: async (limit) => {
      const startedBefore = new Date(Date.now() - restartAfterMs);
      return (await bounded(here, (client) => findFailing(client, { startedBefore, release }, limit))) ?? [];
    },
    restartIfFailing: ({ cluster, workflowId }) =>
      bounded(cluster, async (client) => {
        const description = await client.getHandle(workflowId).describe();
        const problem = problemOf(description);
        const isYoung = Date.now() - description.startTime.getTime() < restartAfterMs;
        if (problem === undefined || (isYoung && !isOfAnother(description, release))) return undefined;
        await restartRun(client, workflowId, description.runId);
        return problem;
      }),
    wasAskedFor: async ({ workflowId, runId, activityId }) => {
      const description = await bounded(here, (client) => client.getHandle(workflowId, runId).describe());
      const found = description?.raw.pendingActivities?.find((one) => one.activityId === activityId);
      // The server forgets the last failure when it begins an attempt because of Reset or Unpause, and only then.
      return !!found?.lastAttemptCompleteTime && !found.lastFailure;
    },
    eraseWorkflow: async ({ cluster, workflowId }, mayEnd) => {
      const { client } = find(cluster);
      const within = <T>(call: () => Promise<T>): Promise<T> =>
        client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
      const found = await within(() => eraseWorkflow(client, workflowId, mayEnd));
      return found.state === 'found' ? { ...found, remove: () => within(found.remove) } : found;
    },
    continueEvent: ({ cluster, ...event }) => start(cluster, (client) => continueEvent(client, event)),
    continueBatch: ({ cluster, ...batch }) => start(cluster, (client) => continueBatch(client, batch)),
  };
}

/** A run that is closed or unknown is an answer, not an error. */
function unlessGone(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
