import { randomUUID } from 'node:crypto';
import { MAINTENANCE_PRIORITY, RECORDED_EVENTS_TYPE, TASK_QUEUE } from '../../protocol/constants';
import type { RecordedAnswer, RecordedEvents } from '../../protocol/recorded-events';
import type { Cluster } from '../cluster';
import type { Clusters } from '../clusters';
import type { ClusterConnection } from '../open-cluster';

export interface Answers {
  /** In the order of the keys. */
  readonly answers: readonly RecordedAnswer[];
  /** The cluster by way of which they came. */
  readonly by: Cluster;
}

type Connection = Pick<ClusterConnection, 'client'>;

/** Milliseconds until a question has no answer. */
const ANSWER_WITHIN_MS = 10_000;
const POLLERS_WITHIN_MS = 5_000;
/** A worker polls at least once a minute; the cluster forgets it after five. */
const POLLED_WITHIN_MS = 75_000;

/**
 * Asks which events the database knows, by way of the first cluster that answers, and so finds out where workers are. A cluster is
 * lost when it is down for long, or when for long it does not answer a question that another one answers and no worker polls it. A cluster
 * that has workers is slow, and keeps its events.
 */
export class Questions {
  readonly #clusters: Clusters;
  readonly #lostAfterMs: number;
  readonly #ask: typeof askRecorded;
  readonly #isPolled: typeof isPolled;
  /** Since when another one answers questions that these do not, by `performance.now()`. */
  readonly #silentSince = new Map<Cluster, number>();
  /** Silent, and without workers. */
  readonly #unserved = new Set<Cluster>();

  constructor(clusters: Clusters, lostAfterMs: number, ask = askRecorded, polled = isPolled) {
    this.#clusters = clusters;
    this.#lostAfterMs = lostAfterMs;
    this.#ask = ask;
    this.#isPolled = polled;
  }

  /** @throws when no cluster brings an answer: none, their workers, or the database */
  async ask(keys: readonly string[]): Promise<Answers> {
    const silent: Cluster[] = [];
    let reason: unknown = new Error(`no cluster is up (${this.#clusters.reason})`);
    for (const by of this.#clusters.all) {
      if (!by.health.isUsable) continue;
      try {
        const answers = await this.#ask(by.connection, keys);
        this.#silentSince.delete(by);
        this.#unserved.delete(by);
        for (const other of silent) await this.#lookAt(other);
        return { answers, by };
      } catch (error) {
        silent.push(by);
        reason = error;
        await by.health.doubt();
      }
    }
    throw reason;
  }

  /** No event that was started there can be expected to go on. */
  isLost(cluster: Cluster): boolean {
    return this.#unserved.has(cluster) || cluster.health.downForMs() >= this.#lostAfterMs;
  }

  /** Another one answered a question that it does not answer. */
  async #lookAt(silent: Cluster): Promise<void> {
    const since = this.#silentSince.get(silent) ?? performance.now();
    this.#silentSince.set(silent, since);
    if (performance.now() - since < this.#lostAfterMs || !silent.health.isUsable) return;
    try {
      if (await this.#isPolled(silent.connection)) this.#unserved.delete(silent);
      else this.#unserved.add(silent);
    } catch {
      await silent.health.doubt(); // its verdict stays
    }
  }
}

/** Of up to 1,000 keys. Rejects when cluster, worker or database does not answer in time. */
async function askRecorded({ client }: Connection, keys: readonly string[]): Promise<readonly RecordedAnswer[]> {
  return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
    client.execute<RecordedEvents>(RECORDED_EVENTS_TYPE, {
      taskQueue: TASK_QUEUE,
      workflowId: `recorded-events/${randomUUID()}`,
      args: [keys],
      workflowExecutionTimeout: ANSWER_WITHIN_MS, // without workers, questions do not pile up
      priority: MAINTENANCE_PRIORITY,
    }),
  );
}

/** True when workers take workflows from the task queue there. Rejects when the cluster does not answer in time. */
export async function isPolled({ client }: Connection): Promise<boolean> {
  const { pollers } = await client.withDeadline(Date.now() + POLLERS_WITHIN_MS, () =>
    client.workflowService.describeTaskQueue({
      namespace: client.options.namespace,
      taskQueue: { name: TASK_QUEUE },
      taskQueueType: 1, // of workflows
    }),
  );
  const since = (Date.now() - POLLED_WITHIN_MS) / 1000;
  return (pollers ?? []).some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since);
}
