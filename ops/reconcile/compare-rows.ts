import { findRoutes } from '../../db/find-routes';
import {
  readUnfinished,
  reconcilePage,
  type EventPlace,
  type IncompleteEvent,
  type UnfinishedEvent,
} from '../../db/reconcile-events';
import type { Tx } from '../../db/tx';
import { EVENT_TYPES } from '../../events/event-types';
import { needsConnection } from '../../activities/consumers';
import { deliveryId } from '../../events/delivery-id';
import type { Difference } from './difference';
import type { ClusterRuns } from './open-runs';

const PAGE = 2_000;

/** Which recorded events: times are ISO, of their receipt. */
export interface RowSpan {
  readonly site: string | undefined;
  readonly from: string;
  readonly to: string;
}

export interface ComparedRows {
  readonly events: number;
  readonly deliveries: number;
  readonly unfinished: readonly UnfinishedEvent[];
  readonly differences: readonly Difference[];
}

/**
 * Compares the events of the database with the rows of their deliveries.
 *
 * @param onProgress is called with the events so far
 */
export async function compareRows(
  db: Tx,
  { site, from, to }: RowSpan,
  onProgress: (events: number) => void,
): Promise<ComparedRows> {
  const types = site === undefined ? EVENT_TYPES : [null];
  let [events, deliveries] = [0, 0];
  const unfinished: UnfinishedEvent[] = [];
  const differences: Difference[] = [];
  for (const eventType of types) {
    let last: EventPlace | null = null;
    do {
      const page = await reconcilePage(db, { siteId: site ?? null, eventType, from, to }, last, PAGE);
      events += page.events;
      deliveries += page.deliveries;
      unfinished.push(...page.unfinished);
      for (const one of page.incomplete) differences.push(await describeIncomplete(db, one));
      last = page.last;
      onProgress(events);
    } while (last !== null);
  }
  return { events, deliveries, unfinished, differences };
}

/** Names the deliveries that the subscriptions and connections of today would make, and that have no row. */
async function describeIncomplete(db: Tx, { key, expected, labels, ids }: IncompleteEvent): Promise<Difference> {
  const [type = '', site = ''] = key.split('/');
  const routes = await findRoutes(db, [site], [type]);
  const lacking = routes
    .filter(({ consumer, connectionId }) => connectionId !== null || !needsConnection(consumer))
    .filter(({ dataQueue, connectionId }) => !ids.includes(deliveryId(key, dataQueue, connectionId ?? '')))
    .map(({ dataQueue, connectionId }) => (connectionId === null ? dataQueue : `${dataQueue} (${connectionId})`));
  const number = expected - labels.length;
  const which =
    lacking.length === number ? lacking.join(', ') : `${number} of ${lacking.join(', ') || 'data queues of then'}`;
  const has = labels.length === 0 ? 'none' : labels.join(', ');
  return {
    lacks: 'delivery',
    key,
    lackedBy: ['database'],
    knownTo: ['database'],
    says:
      number > 0
        ? `it was recorded with ${expected} deliveries and has ${has}: there is no row of ${which}`
        : `it was recorded with ${expected} deliveries and has more: ${has}`,
  };
}

/** Unfinished deliveries whose workflow is not open on the cluster of their owner. */
export async function findWithoutRun(
  db: Tx,
  unfinished: readonly UnfinishedEvent[],
  clusters: ReadonlyMap<string, ClusterRuns>,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const [name, runs] of clusters) {
    const suspects = unfinished.filter(({ cluster, workflowId }) => cluster === name && !runs.open.has(workflowId));
    if (suspects.length === 0) continue;
    const states = await runs.describe(new Set(suspects.map(({ workflowId }) => workflowId)));
    const closed = suspects.filter(({ workflowId }) => states.get(workflowId)?.status !== 'RUNNING');
    // A run that has closed since then may have settled them.
    const still = await readUnfinished(
      db,
      closed.map(({ key }) => key),
    );
    const known = new Set(closed.map(({ key, workflowId }) => `${key} ${workflowId}`));
    for (const { key, workflowId, labels } of still.filter(({ cluster }) => cluster === name)) {
      if (!known.has(`${key} ${workflowId}`)) continue;
      const status = states.get(workflowId)?.status ?? null;
      const closedAs = status === null ? 'there is none' : `it is ${status}`;
      const says = `no open workflow ${workflowId} (${closedAs}) for ${labels.join(', ')}; the sweep continues it`;
      differences.push({ lacks: 'workflow', key, lackedBy: [name], knownTo: ['database'], says });
    }
  }
  return differences;
}
