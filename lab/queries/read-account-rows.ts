import type { Tx } from '../../db/tx';

export interface DeliveryRow {
  readonly id: string;
  readonly eventKey: string;
  readonly dataQueue: string;
  readonly state: 'pending' | 'delivered' | 'parked' | 'discarded';
  readonly failureType: string | null;
  readonly failureMessage: string | null;
  /** The workflow that carries it. */
  readonly cluster: string;
  readonly workflowId: string;
}

/** The content of the product's own tables, for an account. */
export interface AccountRows {
  /** `cluster`: where it was recorded. */
  readonly events: readonly { readonly key: string; readonly deliveryCount: number; readonly cluster: string }[];
  readonly deliveries: readonly DeliveryRow[];
  /** Of refused_event; rows without a readable key are left out. */
  readonly refusedKeys: readonly string[];
}

/** All events and deliveries there are: for databases that hold one demo, not for production. */
export async function readAccountRows(tx: Tx): Promise<AccountRows> {
  const { rows: events } = await tx.query<AccountRows['events'][number]>(EVENTS);
  const { rows: deliveries } = await tx.query<DeliveryRow>(DELIVERIES);
  const { rows: refused } = await tx.query<{ key: string }>(REFUSED);
  return { events, deliveries, refusedKeys: refused.map(({ key }) => key) };
}

const EVENTS = `select key, delivery_count as "deliveryCount", cluster from event`;

const DELIVERIES = `
select id, event_key as "eventKey", data_queue as "dataQueue", state, failure_type as "failureType",
       failure_message as "failureMessage", owner_cluster as cluster, owner_workflow_id as "workflowId"
from delivery`;

const REFUSED = `select key from refused_event where key is not null`;
