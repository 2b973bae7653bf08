import type { Owner } from '../../db/owner';
import type { DeliveryRow, RoutedEvent } from '../../db/read-deliveries';

/** A recorded event as its run sees it; kept in histories, so fields are only added. */
export interface RecordedEvent {
  readonly key: string;
  readonly type: string;
  readonly siteId: string;
  readonly deliveries: readonly RoutedDelivery[];
  /** In a batch: how many further deliveries were done when the event was recorded. */
  readonly delivered?: number;
}

export interface RoutedDelivery {
  readonly id: string;
  readonly label: string;
  readonly consumer: string;
  /** local: first tried beside the workflow, then on the consumer's queue; remote: on the queue at once. */
  readonly mode: 'local' | 'remote';
  readonly state: DeliveryRow['state'];
  /** Owned by this run. */
  readonly mine: boolean;
  /** It is due now, although its activity waits until then: that is started anew, once for each such time. */
  readonly woken?: number;
  readonly failureType?: string;
  readonly failureMessage?: string;
  readonly since?: string;
  /** {site}/{consumer}/{name}. */
  readonly connection?: string;
}

/** The mode of each consumer that this version has. */
export type ConsumerModes = Readonly<Record<string, RoutedDelivery['mode']>>;

/** Of a single event all facts that an operator is shown; of a batch only those that the run needs, so that its history stays small. */
export function toRecorded(events: readonly RoutedEvent[], owner: Owner, modes: ConsumerModes): RecordedEvent[] {
  return events.map(({ key, type, siteId, deliveries }) => ({
    key,
    type,
    siteId,
    deliveries: deliveries.map((row) => ({
      ...toRouted(row, owner, modes),
      ...(events.length === 1 && reasonOf(row)),
    })),
  }));
}

function toRouted(row: DeliveryRow, owner: Owner, modes: ConsumerModes): RoutedDelivery {
  const { id, label, consumer, state, failureType } = row;
  return {
    id,
    label,
    consumer,
    mode: modes[consumer] ?? 'remote',
    state,
    mine: row.ownerCluster === owner.cluster && row.ownerWorkflowId === owner.workflowId,
    ...(row.woken && { woken: row.woken }),
    ...(failureType !== null && { failureType }),
  };
}

const reasonOf = ({
  failureMessage,
  settledAt,
  connection,
}: DeliveryRow): Pick<RoutedDelivery, 'failureMessage' | 'since' | 'connection'> => ({
  ...(failureMessage !== null && { failureMessage }),
  ...(settledAt !== null && { since: settledAt }),
  ...(connection && { connection }),
});
