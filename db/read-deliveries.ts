import { isoSeconds } from './fragments';
import type { Tx } from './tx';
import { isWoken } from './wake-deliveries';

/** A recorded event with its deliveries, without the event's data. */
export interface RoutedEvent {
  readonly key: string;
  readonly type: string;
  readonly siteId: string;
  readonly contentHash: string;
  readonly deliveries: readonly DeliveryRow[];
}

export const deliveryStates = ['pending', 'parked', 'delivered', 'discarded'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

export interface DeliveryRow {
  readonly id: string;
  readonly label: string;
  readonly dataQueue: string;
  readonly consumer: string;
  readonly state: DeliveryState;
  readonly ownerCluster: string;
  readonly ownerWorkflowId: string;
  readonly failureType: string | null;
  readonly failureMessage: string | null;
  /** Of a parked one: {site}/{consumer}/{name}, as operators name it; null = it has none, or the connection was removed. */
  readonly connection?: string | null;
  /** It is due now, although its activity waits until then, in seconds since 1970; no attempt has begun since. */
  readonly woken?: number | null;
  /** ISO time at which it became delivered, parked or discarded. */
  readonly settledAt: string | null;
}

/** The recorded events among `keys`, in order of key, each with its deliveries in order of label. */
export async function readDeliveries(tx: Tx, keys: readonly string[]): Promise<RoutedEvent[]> {
  const { rows } = await tx.query<RoutedEvent>(READ_DELIVERIES, [keys]);
  return rows;
}

const connectionName = `(select c.site_id || '/' || c.consumer || '/' || c.name from connection c where c.id = d.connection_id)`;

const READ_DELIVERIES = `
select e.key, e.type, e.site_id as "siteId", e.content_hash as "contentHash",
       coalesce(d.list, '[]') as deliveries
from event e
left join lateral (
  select jsonb_agg(jsonb_build_object(
           'id', d.id, 'label', d.label, 'dataQueue', d.data_queue, 'consumer', d.consumer, 'state', d.state,
           'ownerCluster', d.owner_cluster, 'ownerWorkflowId', d.owner_workflow_id,
           'failureType', d.failure_type, 'failureMessage', d.failure_message, 'woken', case when ${isWoken} then d.failure_details->'woken' end,
           'connection', case when d.state = 'parked' then ${connectionName} end,
           'settledAt', ${isoSeconds('d.settled_at')}) order by d.label) as list
  from delivery d where d.event_key = e.key
) d on true
where e.key = any($1::text[])
order by e.key`;
