import type { Clusters } from '../clusters';
import type { Member } from '../member';
import type { PreparedEvent } from '../prepare-event';
import type { Entry } from './entry';
import type { Questions } from './questions';
import { isUnderWay, startAgain } from './start-again';

export interface TakeOverDeps {
  readonly clusters: Pick<Clusters, 'members' | 'takenOver'>;
  readonly questions: Pick<Questions, 'isLost'>;
  /** The events of entries, in their order. */
  readonly read: (entries: readonly Entry[]) => Promise<readonly PreparedEvent[]>;
  /** For each call to a cluster. */
  readonly deadlineMs: number;
}

/** Starts events again of which the database has heard nothing for long. */
export class TakeOver {
  readonly #deps: TakeOverDeps;

  constructor(deps: TakeOverDeps) {
    this.#deps = deps;
  }

  /**
   * Leaves alone what may still be recorded where it was started; starts the others on `by`. What went together goes together
   * again; when nothing came of that either, each goes alone, lest one holds up the others.
   *
   * @throws ServiceError of the Temporal client when a cluster does not answer within the deadline
   */
  async startAgain(entries: readonly Entry[], by: Member): Promise<void> {
    for (const together of groupBy(entries, ({ workflowId, key }) => workflowId ?? key)) {
      if (!(await this.#mayBeRecorded(together[0] as Entry, by))) await this.#startOnceMore(together, by); // no group is empty
      for (const entry of together) entry.startedAt = performance.now();
    }
  }

  /** Its workflow is open, and records it when it has its turn, or its cluster may come back with it. */
  async #mayBeRecorded({ workflowId, key, startedOn }: Entry, by: Member): Promise<boolean> {
    const { clusters, questions, deadlineMs } = this.#deps;
    if (workflowId === undefined) return false;
    for (const member of startedOn ? [startedOn] : clusters.members) {
      if (questions.isLost(member)) continue;
      if (!member.health.isUsable) return true;
      if (member === by && workflowId === key) continue; // the start itself meets it there
      if (await doubting(member, isUnderWay(member.cluster, workflowId, deadlineMs))) return true;
    }
    return false;
  }

  async #startOnceMore(together: readonly Entry[], by: Member): Promise<void> {
    const { clusters, read, deadlineMs } = this.#deps;
    for (const load of together[0]?.isAgain ? together.map((entry) => [entry]) : [together]) {
      const workflowId = await doubting(by, startAgain(by.cluster, await read(load), deadlineMs));
      clusters.takenOver += load.length;
      for (const entry of load) Object.assign(entry, { workflowId, startedOn: by, isAgain: true });
    }
  }
}

/** A call that fails says something about its cluster. */
async function doubting<T>({ health }: Member, call: Promise<T>): Promise<T> {
  return await call.catch(async (error: unknown) => {
    await health.doubt();
    throw error;
  });
}

function groupBy<T>(items: readonly T[], nameOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups.values()];
}
