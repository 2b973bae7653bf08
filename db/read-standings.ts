import type { DeliveryState } from './read-deliveries';
import type { Owner } from './owner';
import { FREE } from './take-deliveries';
import type { Tx } from './tx';

/** How a delivery stands that was not taken. */
export interface DeliveryStanding {
  readonly id: string;
  readonly state: DeliveryState;
  readonly failureType: string | null;
  readonly failureMessage: string | null;
  /** The owner that asks owns it. */
  readonly mine: boolean;
  /** Milliseconds until it is due; while it has a lease, ten seconds at most after that, as its send may end sooner. 0 = now. */
  readonly waitMs: number;
}

export async function readStandings(tx: Tx, ids: readonly string[], owner: Owner): Promise<DeliveryStanding[]> {
  return (await tx.query<DeliveryStanding>(READ_STANDINGS, [ids, owner.cluster, owner.workflowId])).rows;
}

/** A delivery that could be claimed now, and the limit of its connection; null = it has none. */
export interface FreeDelivery {
  readonly id: string;
  readonly siteId: string;
  readonly connectionId: string | null;
  readonly maxInFlight: number | null;
  readonly edition: number | null;
}

/** The deliveries that could be claimed, in the order in which a claim takes them. */
export async function findFreeDeliveries(tx: Tx, ids: readonly string[], owner: Owner): Promise<FreeDelivery[]> {
  return (await tx.query<FreeDelivery>(FIND_FREE, [ids, owner.cluster, owner.workflowId])).rows;
}

/** The data of an event, such as one that was too large to come with a claim; undefined = retention or an erasure has deleted it. */
export async function readEventData(tx: Tx, key: string): Promise<unknown> {
  return (await tx.query<{ data: unknown }>(READ_DATA, [key])).rows[0]?.data;
}

const READ_DATA = 'select data from event where key = $1 and pruned_at is null';

const READ_STANDINGS = `
select id, state, failure_type as "failureType", failure_message as "failureMessage", (owner_cluster = $2 and owner_workflow_id = $3) as mine,
       (1000 * greatest(0, extract(epoch from greatest(due_at, case when lease_until is not null then least(lease_until, now() + interval '10 s') end) - now())))::float8 as "waitMs"
from delivery where id = any($1::uuid[])`;

const FIND_FREE = `
select d.id, d.site_id as "siteId", c.id as "connectionId", c.max_in_flight as "maxInFlight", c.edition
from delivery d left join connection c on c.id = d.connection_id
where ${FREE}
order by d.event_key collate "C", d.id`;
