import { isoTime } from './fragments';
import { deliveryStates, type DeliveryState } from './read-deliveries';
import type { Tx } from './tx';

/** Which events to find: those for which all given conditions hold. Without an id, a site or a type is needed. */
export interface EventFilter {
  readonly siteId?: string | undefined;
  readonly eventType?: string | undefined;
  /** ISO, of when the event was received. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Events that have a delivery in this state, or, for `none`, no delivery. */
  readonly state?: DeliveryState | 'none' | undefined;
}

export interface FoundEvent {
  readonly key: string;
  readonly receivedAt: string;
  readonly recordedAt: string;
  readonly cluster: string;
  readonly workflowId: string;
  /** How many of its deliveries are in each state. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** The kinds of id by which it was found, with commas between them; only where an id was looked for. */
  readonly by?: string;
}

/** An id that events are looked up by, in each of the ways in which an event may have it. */
export interface SoughtId {
  /** As the ids of an event, by kind of id. */
  readonly hashes: Readonly<Record<string, string>>;
  /** As the id of a record at a destination. */
  readonly record: string;
  /** The keys that it makes as the id of an event. */
  readonly keys: readonly string[];
}

/** The latest events of the filter; reads an index of events by site, or by type. */
export async function findEvents(tx: Tx, filter: EventFilter, limit: number): Promise<FoundEvent[]> {
  return (await tx.query<FoundEvent>(find(filter), [...valuesOf(filter), limit])).rows;
}

/** The latest events of the filter that have the id, each with how it has it. */
export async function findEventsById(
  tx: Tx,
  { hashes, record, keys }: SoughtId,
  filter: EventFilter,
  limit: number,
): Promise<FoundEvent[]> {
  const path = `$.* == ${JSON.stringify(record)}`;
  const values = [keys, Object.keys(hashes), Object.values(hashes), path];
  return (await tx.query<FoundEvent>(find(filter, HAVE_ID), [...valuesOf(filter), limit, ...values])).rows;
}

/** True: there are events that cannot be found by their ids yet. */
export async function hasEventsWithoutIds(tx: Tx): Promise<boolean> {
  const { rows } = await tx.query<{ some: boolean }>('select exists (select from event where ids is null) as some');
  return rows[0]?.some === true;
}

const valuesOf = ({ siteId, eventType, from, to }: EventFilter): unknown[] => [
  siteId ?? null,
  eventType ?? null,
  from ?? null,
  to ?? null,
];

/** Keys of events, with the kind of id by which each is found. Each part reads an index. */
const HAVE_ID = `(
  select key, string_agg(distinct kind, ', ') as kind from (
    select key, 'event' as kind from event where key = any ($6::text[])
    union all
    select e.key, k.kind from event e, unnest($7::text[], $8::uuid[]) as k (kind, hash)
    where e.ids && $8::uuid[] and k.hash = any (e.ids)
    union all
    select event_key, 'record' from delivery
    where receipt -> 'ids' is not null and receipt -> 'ids' @@ $9::jsonpath
  ) one group by key)`;

// Conditions in the text, not values: so the planner knows whether few deliveries are in the state, and begins with these.
const IN_STATE: Readonly<Record<string, string>> = {
  none: 'delivery_count = 0',
  ...Object.fromEntries(
    deliveryStates.map((state) => [
      state,
      state === 'parked' || state === 'pending' // few: begins with them, however many events the site has
        ? `event.key = any (array(select d.event_key from delivery d where d.state = '${state}' and ($1::text is null or d.site_id = $1)))`
        : `exists (select from delivery d where d.event_key = event.key and d.state = '${state}')`,
    ]),
  ),
};

const find = ({ state }: EventFilter, among?: string): string => `
select e.key, ${isoTime('e.received_at')} as "receivedAt", ${isoTime('e.recorded_at')} as "recordedAt", e.cluster,
  e.workflow_id as "workflowId",${among === undefined ? '' : ' e.kind as by,'}
  (select coalesce(jsonb_object_agg(state, n), '{}') from
    (select d.state, count(*) as n from delivery d where d.event_key = e.key group by 1) s) as deliveries
from (
  select event.*${among === undefined ? '' : ', among.kind'} from event ${among === undefined ? '' : `join ${among} among using (key)`}
  where ($1::text is null or site_id = $1) and ($2::text is null or type = $2)
  and ($3::timestamptz is null or received_at >= $3) and ($4::timestamptz is null or received_at < $4)
  and ${state === undefined ? 'true' : IN_STATE[state]}
  order by received_at desc, key limit $5
) e order by e.received_at desc, e.key`;
