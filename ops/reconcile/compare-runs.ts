import { setTimeout as pause } from 'node:timers/promises';
import { readUnfinished, type UnfinishedEvent } from '../../db/reconcile-events';
import type { Tx } from '../../db/tx';
import { readEventKey } from '../../events/read-identity';
import type { AcceptedEvent, Span } from './accepted-events';
import type { Difference } from './difference';
import { findKnown } from './find-known';
import type { ClusterRuns, OpenRun } from './open-runs';

/** Accepted events that the database lacks, and whose workflows are looked for; more are missing after a restore from a backup. */
const MOST_LOOKED_FOR = 1_000;
/** A run closes within some seconds after its last delivery is settled. */
const CLOSING_MS = 3_000;

interface Found {
  readonly differences: readonly Difference[];
  /** Keys of events whose open workflow has not recorded them yet. */
  readonly notRecordedYet: ReadonlySet<string>;
  readonly refused: number;
}

/** Accepted events that the database does not know. */
export async function findUnrecorded(
  db: Tx,
  accepted: ReadonlyMap<string, AcceptedEvent>,
  clusters: readonly ClusterRuns[],
): Promise<Found> {
  const known = await findKnown(db, [...accepted.keys()]);
  const missing = [...accepted].filter(([key]) => !known.has(key));
  const ids = missing
    .slice(0, MOST_LOOKED_FOR)
    .flatMap(([key, { batch }]) => (batch === undefined ? [key] : [key, batch]));
  const states = await Promise.all(
    clusters.map(async (cluster) => ({ name: cluster.name, of: await cluster.describe(new Set(ids)) })),
  );
  const notRecordedYet = new Set<string>();
  const differences: Difference[] = [];
  // It may have been recorded since it was asked for.
  const since = await findKnown(
    db,
    missing.map(([key]) => key),
  );
  for (const [key, { from, batch }] of missing.filter(([one]) => !since.has(one))) {
    const runs = states.map(({ name, of }) => ({
      name,
      own: of.get(key),
      together: batch ? of.get(batch) : undefined,
    }));
    const waits = runs.some(
      ({ own, together }) => (own?.status === 'RUNNING' && !own.wasRecorded) || together?.status === 'RUNNING',
    );
    if (waits) {
      notRecordedYet.add(key);
      continue;
    }
    const having = runs.flatMap(({ name, own, together }) => {
      const status = own?.status ?? together?.status ?? null;
      return status === null ? [] : [{ name, says: `${name} (workflow ${own?.status ? key : batch}, ${status})` }];
    });
    // Those that were not looked for are unknown.
    const without = runs.filter(({ own, together }) => own?.status === null && !together?.status);
    const started =
      having.length > 0 ? 'it was started, and there is no row of it' : 'it was accepted, and never recorded';
    const says = runs.length > 0 && without.length === runs.length ? 'it was accepted, and never started' : started;
    const knownTo = [from, ...having.map((one) => one.says)];
    differences.push({
      lacks: 'event',
      key,
      lackedBy: ['database', ...without.map(({ name }) => name)],
      knownTo,
      says,
    });
  }
  const refused = [...known.values()].filter((receivedAt) => receivedAt === null).length;
  return { differences, notRecordedYet, refused };
}

/** Open workflows of events that have no unfinished delivery, or no row. */
export async function findRunsWithoutWork(
  db: Tx,
  unfinished: readonly UnfinishedEvent[],
  clusters: readonly ClusterRuns[],
  { site, from, to }: Span,
): Promise<Pick<Found, 'differences' | 'notRecordedYet'>> {
  const owners = new Set(unfinished.map(({ cluster, workflowId }) => idOf(cluster, workflowId)));
  const suspects = clusters
    .flatMap(({ open }) => [...open.values()])
    .filter(
      ({ cluster, workflowId }) => readEventKey(workflowId) === workflowId && !owners.has(idOf(cluster, workflowId)),
    )
    .filter(({ workflowId }) => site === undefined || workflowId.split('/')[1] === site);
  const known = await findKnown(
    db,
    suspects.map(({ workflowId }) => workflowId),
  );
  const isWithin = (time: number): boolean => time >= from && time < to;
  const without: OpenRun[] = [];
  const notRecordedYet = new Set<string>();
  for (const run of suspects) {
    const receivedAt = known.get(run.workflowId);
    if (receivedAt === undefined && !run.hasParked && isWithin(run.startedAt)) notRecordedYet.add(run.workflowId);
    if (
      receivedAt === undefined ? run.hasParked && isWithin(run.startedAt) : receivedAt !== null && isWithin(receivedAt)
    )
      without.push(run);
  }
  const differences = without.length === 0 ? [] : await describeWithout(db, without, known, clusters);
  return { differences, notRecordedYet };
}

/** Asks again after a while: most of the runs were about to close. */
async function describeWithout(
  db: Tx,
  without: readonly OpenRun[],
  known: ReadonlyMap<string, number | null>,
  clusters: readonly ClusterRuns[],
): Promise<Difference[]> {
  await pause(CLOSING_MS);
  const working = new Set(
    (
      await readUnfinished(
        db,
        without.map(({ workflowId }) => workflowId),
      )
    ).map(({ cluster, workflowId }) => idOf(cluster, workflowId)),
  );
  const differences: Difference[] = [];
  for (const { name, describe } of clusters) {
    const own = without.filter(
      ({ cluster, workflowId }) => cluster === name && !working.has(idOf(cluster, workflowId)),
    );
    const states = await describe(own.map(({ workflowId }) => workflowId));
    for (const { workflowId: key } of own.filter(({ workflowId }) => states.get(workflowId)?.status === 'RUNNING')) {
      const isRecorded = known.has(key);
      differences.push({
        lacks: isRecorded ? 'unfinished delivery' : 'event',
        key,
        lackedBy: ['database'],
        knownTo: [`${name} (workflow ${key}, RUNNING)`],
        says: isRecorded
          ? 'its workflow is open, and none of its deliveries is unfinished'
          : 'its workflow is open with parked deliveries, and there is no row of it',
      });
    }
  }
  return differences;
}

const idOf = (cluster: string, workflowId: string): string => `${cluster} ${workflowId}`;
