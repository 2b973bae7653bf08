import type { Account } from '../account';
import { latencyOf, percentile, type Latency } from '../latency';
import type { Settlement } from '../queries/read-settlements';
import type { Tasks } from './count-tasks';
import type { Injected } from './inject';
import type { Published } from './publish-steadily';
import type { Scenario } from './scenario';

/** Everything that was seen in one run. */
export interface Seen {
  readonly published: readonly Published[];
  readonly settlements: readonly Settlement[];
  readonly injected: Injected;
}

/** The numbers of one run. */
export interface DrillReport {
  readonly scenario: string;
  readonly seed: number;
  /** Events per second that were offered. */
  readonly rate: number;
  /** Calls of publish, without repeats of refused ones. */
  readonly published: number;
  /** Receipts by their sender: a cluster or `journal`. */
  readonly acknowledged: Readonly<Record<string, number>>;
  /** Deliveries that are done, by data queue. */
  readonly delivered: Readonly<Record<string, number>>;
  readonly lost: number;
  readonly duplicateEffects: number;
  /** Messages that came again under one id, and attempts that a fault met while they were sending. */
  readonly wireDuplicates: number;
  readonly attemptsMet: number;
  /** Errors of publish by name. */
  readonly refused: Readonly<Record<string, number>>;
  /** Milliseconds from the fault; null: there was none. */
  readonly acknowledgedAfterMs: number | null;
  /** To the first delivery by the other side, or where there is none to the first by either side. */
  readonly deliveredAfterMs: number | null;
  readonly settledAfterMs: number;
  /** To the last delivery of the events that had been accepted before the fault. */
  readonly inFlightAfterMs: number;
  readonly faultMs: number;
  /** How often each fault was caused. */
  readonly faults: Readonly<Record<string, number>>;
  /** Of the other sites during the fault, where one is silent: from acceptance to delivery at p99. */
  readonly otherSitesMs: number | null;
  /** Their failed tries. */
  readonly otherSitesTries: number | null;
  /** Milliseconds that this machine takes for the events that were published during the fault. */
  readonly backlogMs: number;
  /** Of calls before the fault, during it, and during it once one had been acknowledged. */
  readonly publishMs: Readonly<Record<'before' | 'during' | 'afterwards', Latency | null>>;
  readonly tasks: Tasks;
  /** Every expectation that does not hold, in words. */
  readonly problems: readonly string[];
}

export interface Counted {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly rate: number;
  /** Events per second that this machine does. */
  readonly capacity: number;
  readonly account: Account;
  readonly seen: Seen;
  /** When all was settled, in ms since 1970. */
  readonly settledAt: number;
  readonly duplicates: { readonly count: number; readonly problems: readonly string[] };
  readonly wireDuplicates: number;
  readonly otherSitesTries: number | null;
  readonly tasks: Tasks;
}

/** Computes the numbers of a run; its problems are those of the account and the duplicates. */
export function summarise(counted: Counted): DrillReport {
  const { scenario, account, seen, duplicates } = counted;
  const { published, settlements, injected } = seen;
  const { begin, end } = injected;
  const acknowledged = published.flatMap(({ at, accepted }) => (accepted && at > begin ? [accepted.at - begin] : []));
  const before = new Set(
    published.flatMap(({ accepted, publication }) =>
      accepted && accepted.at < begin && publication.outcome === 'accepted' ? [publication.key] : [],
    ),
  );
  const inFlight = settlements.filter(({ eventKey }) => before.has(eventKey)).map(({ at }) => at.getTime() - begin);
  const otherSide = scenario.expects?.otherSide;
  const delivered = settlements
    .filter(({ cluster }) => otherSide === undefined || cluster === otherSide)
    .flatMap(({ at }) => (at.getTime() > begin ? [at.getTime() - begin] : []));
  const firstAt = begin + (least(acknowledged) ?? Infinity);
  const latency = (from: number, to: number): Latency | null => {
    const took = published.flatMap(({ at, tookMs }) => (tookMs !== undefined && at >= from && at < to ? [tookMs] : []));
    return took.length === 0 ? null : latencyOf(took);
  };
  const acceptedAt = new Map(
    published.flatMap(({ accepted, publication }) =>
      accepted && publication.outcome === 'accepted' ? [[publication.key, accepted.at] as const] : [],
    ),
  );
  const silentSite = scenario.setUp?.silentSite;
  const ofOthers = settlements.flatMap(({ eventKey, at }) => {
    const from = acceptedAt.get(eventKey) ?? 0;
    const isOther = silentSite !== undefined && eventKey.split('/')[1] !== silentSite;
    return isOther && from >= begin && from < end ? [at.getTime() - from] : [];
  });
  return {
    scenario: scenario.name,
    seed: counted.seed,
    rate: counted.rate,
    published: published.length,
    acknowledged: countBy(published.flatMap(({ accepted }) => (accepted ? [accepted.by] : []))),
    delivered: countBy(settlements.map(({ dataQueue }) => dataQueue)),
    lost: account.lost,
    duplicateEffects: duplicates.count,
    wireDuplicates: counted.wireDuplicates,
    attemptsMet: injected.attempts,
    refused: countBy(published.flatMap(({ refusals }) => refusals)),
    acknowledgedAfterMs: least(acknowledged),
    deliveredAfterMs: least(delivered),
    inFlightAfterMs: Math.max(0, ...inFlight),
    settledAfterMs: counted.settledAt - begin,
    faultMs: end - begin,
    faults: injected.faults,
    otherSitesMs: ofOthers.length === 0 ? null : percentile(ofOthers, 0.99),
    otherSitesTries: counted.otherSitesTries,
    backlogMs: (1000 * published.filter(({ at }) => at >= begin && at < end).length) / counted.capacity,
    publishMs: { before: latency(0, begin), during: latency(begin, end), afterwards: latency(firstAt, end) },
    tasks: counted.tasks,
    problems: [...account.problems, ...duplicates.problems],
  };
}

const least = (values: readonly number[]): number | null => (values.length === 0 ? null : Math.min(...values));

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
