import { isoTime } from './fragments';
import type { Tx } from './tx';

/** Which events to find: those for which all given conditions hold. A site or a type is needed. */
export interface EventFilter {
  readonly siteId?: string | undefined;
  readonly eventType?: string | undefined;
  /** ISO, of when the event was received. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Events that have a delivery in this state, or, for `none`, no delivery. */
  readonly state?: string | undefined;
}

export interface FoundEvent {
  readonly key: string;
  readonly receivedAt: string;
  readonly recordedAt: string;
  readonly cluster: string;
  readonly workflowId: string;
  /** How many of its deliveries are in each state. */
  readonly deliveries: Readonly<Record<string, number>>;
}

/** The latest events of the filter; reads an index of events by site, or by type. */
export async function findEvents(
  tx: Tx,
  { siteId, eventType, from, to, state }: EventFilter,
  limit: number,
): Promise<FoundEvent[]> {
  const values = [siteId ?? null, eventType ?? null, from ?? null, to ?? null, state ?? null, limit];
  return (await tx.query<FoundEvent>(find(FILTERED), values)).rows;
}

/** The events with one of these keys. */
export async function findEventsByKey(tx: Tx, keys: readonly string[], limit: number): Promise<FoundEvent[]> {
  return (await tx.query<FoundEvent>(find('select * from event where key = any ($1::text[])', '$2'), [keys, limit]))
    .rows;
}

const find = (events: string, limit = '$6'): string => `
select e.key, ${isoTime('e.received_at')} as "receivedAt", ${isoTime('e.recorded_at')} as "recordedAt", e.cluster,
  e.workflow_id as "workflowId",
  (select coalesce(jsonb_object_agg(state, n), '{}') from
    (select d.state, count(*) as n from delivery d where d.event_key = e.key group by 1) s) as deliveries
from (${events}) e order by e.received_at desc, e.key limit ${limit}`;

const FILTERED = `
select * from event
where ($1::text is null or site_id = $1) and ($2::text is null or type = $2)
and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or received_at < $4)
and ($5::text is null or case when $5 = 'none' then delivery_count = 0
     else exists (select from delivery d where d.event_key = event.key and d.state = $5) end)
order by received_at desc, key limit $6`;
