import { attemptsOf, isoSeconds } from './fragments';
import type { Tx } from './tx';

/** Which deliveries to list: those for which all given conditions hold. Times are ISO, of when the event was received. */
export interface DeliveryFilter {
  readonly states: readonly string[];
  readonly siteId?: string | undefined;
  readonly eventType?: string | undefined;
  /** Data queue, with or without #n. */
  readonly queue?: string | undefined;
  readonly consumer?: string | undefined;
  readonly connectionId?: string | undefined;
  readonly failure?: string | undefined;
  /** A part of the failure's message, without regard to case. */
  readonly text?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface ListedDelivery {
  readonly eventKey: string;
  /** Data queue, with #n of a further connection. */
  readonly dataQueue: string;
  readonly state: string;
  /** Attempts, those before a redrive included. */
  readonly tries: number;
  /** When it is tried next (pending), or got its state. */
  readonly at: string;
  readonly failureType: string | null;
  readonly failureMessage: string | null;
  /** The workflow that owns it. */
  readonly cluster: string;
  readonly workflowId: string;
}

/**
 * The oldest deliveries of the filter.
 *
 * With `pending` and `parked` alone an index of unfinished deliveries is read. For other states give a site or an event type: the
 * index of their events is read.
 */
export async function listDeliveries(tx: Tx, filter: DeliveryFilter, limit: number): Promise<ListedDelivery[]> {
  const { siteId, eventType, queue, consumer, connectionId, failure, text, from, to } = filter;
  const optional = [siteId, eventType, queue, consumer, connectionId, failure, text, from, to];
  const values = [filter.states, ...optional.map((value) => value ?? null), limit];
  return (await tx.query<ListedDelivery>(isUnfinished(filter) ? LIST_UNFINISHED : LIST_OF_EVENTS, values)).rows;
}

export const isUnfinished = ({ states }: Pick<DeliveryFilter, 'states'>): boolean =>
  states.every((state) => state === 'pending' || state === 'parked');

const list = (deliveries: string): string => `
select d.event_key as "eventKey", d.label as "dataQueue", d.state, ${attemptsOf('d')} as tries,
  ${isoSeconds(`(case when d.state = 'pending' then d.due_at else d.settled_at end)`)} as at,
  d.failure_type as "failureType", d.failure_message as "failureMessage",
  d.owner_cluster as cluster, d.owner_workflow_id as "workflowId"
from event e join ${deliveries} d on d.event_key = e.key
where d.state = any ($1::text[])
and ($2::text is null or e.site_id = $2) and ($3::text is null or e.type = $3)
and ($4::text is null or d.data_queue = $4 or d.label = $4)
and ($5::text is null or d.consumer = $5) and ($6::uuid is null or d.connection_id = $6)
and ($7::text is null or d.failure_type = $7)
and ($8::text is null or strpos(lower(d.failure_message), lower($8)) > 0)
and ($9::timestamptz is null or e.received_at >= $9) and ($10::timestamptz is null or e.received_at < $10)
order by e.received_at, d.event_key, d.label limit $11`;

const LIST_UNFINISHED = list(`(select * from delivery where state in ('pending', 'parked'))`);
const LIST_OF_EVENTS = list('delivery');
