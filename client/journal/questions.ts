import type { RecordedAnswer } from '../../workflows/recorded-events';
import type { Clusters } from '../clusters';
import type { Member } from '../member';
import { askRecorded } from './ask-recorded';

export interface Answers {
  /** In the order of the keys. */
  readonly answers: readonly RecordedAnswer[];
  /** The cluster by way of which they came. */
  readonly by: Member;
}

/**
 * Asks the database what it knows, by way of the first cluster that answers, and so finds out where events are worked on. A
 * cluster is lost when it is down for long, or when for long it does not answer what another one answers: then no worker
 * serves it.
 */
export class Questions {
  readonly #clusters: Clusters;
  readonly #lostAfterMs: number;
  readonly #ask: typeof askRecorded;
  /** Since when another one answers what these do not, by `performance.now()`. */
  readonly #silentSince = new Map<Member, number>();

  constructor(clusters: Clusters, lostAfterMs: number, ask = askRecorded) {
    this.#clusters = clusters;
    this.#lostAfterMs = lostAfterMs;
    this.#ask = ask;
  }

  /** @throws when no cluster brings an answer: none, their workers, or the database */
  async ask(keys: readonly string[]): Promise<Answers> {
    const silent: Member[] = [];
    let reason: unknown = new Error(`no cluster is up (${this.#clusters.reason})`);
    for (const by of this.#clusters.members) {
      if (!by.health.isUsable) continue;
      try {
        const answers = await this.#ask(by.cluster, keys);
        this.#silentSince.delete(by);
        for (const other of silent) this.#silentSince.set(other, this.#silentSince.get(other) ?? performance.now());
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
  isLost(member: Member): boolean {
    const silentMs = performance.now() - (this.#silentSince.get(member) ?? Infinity);
    return Math.max(silentMs, member.health.downForMs()) >= this.#lostAfterMs;
  }
}
