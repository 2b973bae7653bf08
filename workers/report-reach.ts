import { setTimeout as delay } from 'node:timers/promises';
import { findLostClusters, reportReach as writeReport } from '../db/cluster-reach';
import type { Tx } from '../db/tx';
import type { KnownCluster } from './cluster-runs';
import { startSweep } from './sweep-schedule';

const REPORT_EVERY_MS = 3_000;

export interface ReportReachOptions {
  readonly database: Tx;
  readonly clusters: readonly KnownCluster[];
  readonly takeoverAfterSeconds: number;
  /** Aborted = stop. */
  readonly signal: AbortSignal;
}

/**
 * Writes into the database every few seconds which clusters this worker reaches. When one is lost it starts a round of the sweep on
 * the others, so that the take-over does not wait for the next one.
 */
export async function reportReach({
  database,
  clusters,
  takeoverAfterSeconds,
  signal,
}: ReportReachOptions): Promise<void> {
  let lost: readonly string[] = [];
  const report = async (): Promise<void> => {
    const reports = clusters.flatMap(({ name, health: { isReached } }) =>
      isReached === undefined ? [] : [{ cluster: name, reached: isReached }],
    );
    await writeReport(database, reports);
    const before = lost;
    const away = reports.filter(({ reached }) => !reached).map(({ cluster }) => cluster);
    lost = away.length === 0 ? [] : await findLostClusters(database, away, takeoverAfterSeconds);
    if (lost.every((name) => before.includes(name))) return;
    await Promise.allSettled(clusters.filter(({ health }) => health.isUsable).map(({ client }) => startSweep(client)));
  };
  while (!signal.aborted) {
    // The gate notices a database that is away.
    await report().catch(() => {});
    await delay(REPORT_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
