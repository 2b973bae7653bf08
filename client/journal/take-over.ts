import type { Cluster } from '../cluster';
import type { Clusters } from '../clusters';
import { isUnderWay, startAgain } from '../continue-event';
import type { PreparedEvent } from '../prepare-event';
import { readFailure } from '../read-failure';
import type { Entry } from './entry';
import type { Questions } from './questions';
import { warn } from './warn';

export interface TakeOverDeps {
  readonly clusters: Pick<Clusters, 'all' | 'takenOver'>;
  readonly questions: Pick<Questions, 'isLost'>;
  /** The events of entries, in their order. */
  readonly read: (entries: readonly Entry[]) => Promise<readonly PreparedEvent[]>;
  /** For each call to a cluster. */
  readonly deadlineMs: number;
}

/** Starts events again of which the database has heard nothing for long. */
export class TakeOver {
  readonly #deps: TakeOverDeps;
  /** Why something could not be started again, the last time. */
  #lastReason = '';

  constructor(deps: TakeOverDeps) {
    this.#deps = deps;
  }

  /**
   * Leaves events alone that may still be recorded where they were started; starts the others on `by`. Events that went together go together
   * again; when that start was in vain, too, each goes alone, lest one holds up the others. An event that cannot be started for a reason of
   * its own, as its file cannot be read, is due again later.
   *
   * @throws ServiceError of the Temporal client when a cluster does not answer within the deadline: the others are still due
   */
  async startAgain(entries: readonly Entry[], by: Cluster): Promise<void> {
    const groups = new Map<string, Entry[]>();
    for (const entry of entries) {
      const id = entry.workflowId ?? entry.key;
      groups.set(id, [...(groups.get(id) ?? []), entry]);
    }
    for (const together of groups.values()) {
      const first = together[0] as Entry; // no group is empty
      if (this.#isOutOfSight(first)) continue; // looked for in the next round
      await this.#attempt(together, async () => {
        if (await this.#mayBeRecorded(first, by)) return;
        const batches = first.isAgain ? together.map((entry) => [entry]) : [together];
        for (const batch of batches) await this.#attempt(batch, () => this.#startOnceMore(batch, by));
      });
    }
  }

  /** After success and after an error, these have had their turn. */
  async #attempt(entries: readonly Entry[], work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isOfCluster(error)) throw error;
      for (const entry of entries) entry.isAgain = true;
      const { message: reason } = error as Error;
      if (reason !== this.#lastReason) warn(`In the journal, events wait that cannot be started again: ${reason}`);
      this.#lastReason = reason;
    } finally {
      for (const entry of entries) entry.startedAt = performance.now();
    }
  }

  /** Its cluster may come back with it: it is neither usable nor lost. */
  #isOutOfSight({ workflowId, startedOn }: Entry): boolean {
    const { clusters, questions } = this.#deps;
    const all = startedOn ? [startedOn] : clusters.all;
    return workflowId !== undefined && all.some((one) => !one.health.isUsable && !questions.isLost(one));
  }

  /** Its workflow is open, and records it when it has its turn. */
  async #mayBeRecorded({ workflowId, key, startedOn }: Entry, by: Cluster): Promise<boolean> {
    const { clusters, questions, deadlineMs } = this.#deps;
    if (workflowId === undefined) return false;
    for (const cluster of startedOn ? [startedOn] : clusters.all) {
      if (questions.isLost(cluster)) continue;
      if (cluster === by && workflowId === key) continue; // the start itself meets it there
      if (await cluster.call((connection) => isUnderWay(connection, workflowId, deadlineMs))) return true;
    }
    return false;
  }

  async #startOnceMore(batch: readonly Entry[], by: Cluster): Promise<void> {
    const { clusters, read, deadlineMs } = this.#deps;
    const events = await read(batch);
    const workflowId = await by.call((connection) => startAgain(connection, events, deadlineMs));
    clusters.takenOver += batch.length;
    for (const entry of batch) Object.assign(entry, { workflowId, startedOn: by, isAgain: true });
  }
}

/** It does not answer, or not for now: the next call would fare no better. Else it is about the events. */
function isOfCluster(error: unknown): boolean {
  try {
    const { verdict } = readFailure(error);
    return verdict !== 'refused' && verdict !== 'too large';
  } catch {
    return false; // no answer of a cluster: the journal's file, or the folder of large events
  }
}
