import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import type { Database } from '../../db/database';
import type { Owner } from '../../db/owner';
import type { DeliveryRow, RoutedEvent } from '../../db/read-deliveries';

/** A recorded event as its run sees it. */
export interface RecordedEvent {
  readonly key: string;
  readonly type: string;
  readonly siteId: string;
  readonly deliveries: readonly RoutedDelivery[];
  /** In a batch: further deliveries, that were done when the event was recorded. */
  readonly delivered?: number;
}

export interface RoutedDelivery {
  readonly id: string;
  readonly label: string;
  readonly consumer: string;
  /** How the run starts it: local = first tried beside the workflow, then on the consumer's queue; kept in history. */
  readonly mode: 'local' | 'remote';
  readonly state: DeliveryRow['state'];
  /** Owned by this run. */
  readonly mine: boolean;
  readonly failureType?: string;
  readonly failureMessage?: string;
  readonly since?: string;
}

export interface ReadRecordedDeps {
  readonly db: Database;
  readonly clusterName: string;
  readonly modes: Readonly<Record<string, 'local' | 'remote'>>;
}

export interface KeysInput {
  readonly keys: readonly string[];
}

/** The events of a run as their rows stand now; keys that the database does not know are left out. */
export async function readRecorded({ keys }: KeysInput, deps: ReadRecordedDeps): Promise<RecordedEvent[]> {
  const possible = keys.filter((key) => !key.includes('\0')); // Postgres has no such text
  const routed = await deps.db.readDeliveries(deps.db.autocommit, possible);
  return toRecorded(routed, ownerHere(deps), deps.modes);
}

export interface ChangeInput extends KeysInput {
  /** Data queues, with or without #n; none = all that is parked. */
  readonly queues: readonly string[];
}

export interface ChangeDeps extends ReadRecordedDeps {
  readonly overdueAfterSeconds: number;
}

/** The signal `redrive`: what is parked becomes pending. @returns how many */
export async function redriveParked({ keys, queues }: ChangeInput, deps: ChangeDeps): Promise<number> {
  return await deps.db.redriveDeliveries(
    deps.db.autocommit,
    { keys, queues },
    ownerHere(deps),
    deps.overdueAfterSeconds,
  );
}

/** The signal `discard`: gives up what is parked, or the named queues; waits for an attempt that is under way. */
export async function discardParked({ keys, queues }: ChangeInput, deps: ChangeDeps): Promise<void> {
  const busy = await deps.db.discardDeliveries(deps.db.autocommit, { keys, queues }, ownerHere(deps));
  if (busy > 0) {
    throw ApplicationFailure.retryable(`${busy} are being sent; waiting for those attempts to end.`, 'Unavailable');
  }
}

/** End of a batch: what it leaves undone goes to its events' own workflows. @returns how many */
export async function handOver({ keys }: KeysInput, deps: ReadRecordedDeps): Promise<number> {
  return await deps.db.handOverDeliveries(deps.db.autocommit, keys, ownerHere(deps));
}

/** The run that this activity works for; of its id, what Postgres can store. */
export function ownerHere({ clusterName }: { readonly clusterName: string }): Owner {
  const { workflowId = '' } = activityInfo().workflowExecution ?? {};
  return { cluster: clusterName, workflowId: workflowId.replaceAll('\0', '\ufffd') };
}

/** Of one event all that an operator is shown; of the many in a batch what the run needs, so that its history stays small. */
export function toRecorded(
  events: readonly RoutedEvent[],
  owner: Owner,
  modes: ReadRecordedDeps['modes'],
): RecordedEvent[] {
  return events.map(({ key, type, siteId, deliveries }) => ({
    key,
    type,
    siteId,
    deliveries: deliveries.map((row) => ({
      ...toRouted(row, owner, modes),
      ...(events.length === 1 && whyOf(row)),
    })),
  }));
}

function toRouted(row: DeliveryRow, owner: Owner, modes: ReadRecordedDeps['modes']): RoutedDelivery {
  const { id, label, consumer, state, failureType } = row;
  return {
    id,
    label,
    consumer,
    mode: modes[consumer] ?? 'remote',
    state,
    mine: row.ownerCluster === owner.cluster && row.ownerWorkflowId === owner.workflowId,
    ...(failureType !== null && { failureType }),
  };
}

const whyOf = ({ failureMessage, settledAt }: DeliveryRow): Pick<RoutedDelivery, 'failureMessage' | 'since'> => ({
  ...(failureMessage !== null && { failureMessage }),
  ...(settledAt !== null && { since: settledAt }),
});
