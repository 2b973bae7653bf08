import type { RecordedAnswer } from '../../protocol/recorded-events';
import type { Clusters } from '../clusters';
import type { Cluster } from '../cluster';
import { askRecorded } from './ask-recorded';
import { isPolled } from './is-polled';

export interface Answers {
  /** In the order of the keys. */
  readonly answers: readonly RecordedAnswer[];
  /** The cluster by way of which they came. */
  readonly by: Cluster;
}

/**
 * Asks the database what it knows, by way of the first cluster that answers, and so finds out where events are worked on. A
 * cluster is lost when it is down for long, or when for long it does not answer what another one answers and no worker polls
 * it: one that has workers is slow, and what it has is left to it.
 */
export class Questions {
  readonly #clusters: Clusters;
  readonly #lostAfterMs: number;
  readonly #ask: typeof askRecorded;
  readonly #isPolled: typeof isPolled;
  /** Since when another one answers what these do not, by `performance.now()`. */
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

  /** Nothing more is to be expected of what was started there. */
  isLost(cluster: Cluster): boolean {
    return this.#unserved.has(cluster) || cluster.health.downForMs() >= this.#lostAfterMs;
  }

  /** Another one answered what it does not. */
  async #lookAt(silent: Cluster): Promise<void> {
    const since = this.#silentSince.get(silent) ?? performance.now();
    this.#silentSince.set(silent, since);
    if (performance.now() - since < this.#lostAfterMs || !silent.health.isUsable) return;
    try {
      if (await this.#isPolled(silent.connection)) this.#unserved.delete(silent);
      else this.#unserved.add(silent);
    } catch {
      await silent.health.doubt(); // it stays what it was
    }
  }
}
