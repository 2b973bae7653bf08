import { ScheduleClient } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { KnownCluster } from './cluster-runs';
import type { WorkerConfig } from './config';
import { ensureSweepSchedule, inspectSweepSchedule, type SweepStanding } from './sweep-schedule';

const ANSWER_WITHIN_MS = 10_000;

export interface WatchSweepOptions {
  readonly clusters: readonly KnownCluster[];
  readonly config: Pick<WorkerConfig, 'SWEEP_EVERY_SECONDS'>;
  readonly log: Logger;
  /** Told how the schedule is on each cluster that answers, time after time. */
  readonly onStanding: (cluster: string, standing: SweepStanding) => void;
  /** Aborted = stop. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. Default 30,000. */
  readonly everyMs?: number;
}

/** Looks at the schedule of the sweep on each cluster, until `signal` is aborted. One that is missing is made again; others are only reported. */
export async function watchSweep({
  clusters,
  config,
  log,
  onStanding,
  signal,
  everyMs = 30_000,
}: WatchSweepOptions): Promise<void> {
  const known = new Map<string, SweepStanding['state']>();
  const look = async ({ name, client }: KnownCluster): Promise<void> => {
    const schedules = new ScheduleClient({ connection: client.connection, namespace: client.options.namespace });
    const bounded = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + ANSWER_WITHIN_MS, call);
    const standing = await bounded(() => inspectSweepSchedule(schedules, config));
    if (standing.state !== 'ok' && known.get(name) !== standing.state)
      log.warn({ cluster: name, found: standing.says }, 'the sweep is not started as it should be');
    known.set(name, standing.state);
    onStanding(name, standing);
    if (standing.state === 'missing') await bounded(() => ensureSweepSchedule(schedules, config));
  };
  while (!signal.aborted) {
    await delay(everyMs, undefined, { signal }).catch(() => {}); // at first the cluster is made ready
    if (signal.aborted) return;
    // A cluster that does not answer is reported as such already.
    await Promise.allSettled(clusters.filter(({ health }) => health.isUsable).map(look));
  }
}
