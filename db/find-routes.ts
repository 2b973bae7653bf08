import type { SubscriptionState } from './subscriptions';
import type { Tx } from './tx';

/** A subscription that applies to a site's events of a type, with one of the site's connections to its consumer. */
export interface Route {
  readonly siteId: string;
  readonly eventType: string;
  readonly dataQueue: string;
  readonly consumer: string;
  readonly subscriptionState: SubscriptionState;
  readonly connectionId: string | null;
  /** Of the subscription: the events that it takes; null = all. */
  readonly filter: unknown;
  /** Of the data queue: the site's connections that take other event types only. */
  readonly filtered: number;
}

/**
 * The subscriptions that apply to these sites and event types (a site's own row replaces the row for all sites), each with
 * the site's connections that take the event type, in order of their id. `connectionId` is null if there is none.
 */
export async function findRoutes(tx: Tx, siteIds: readonly string[], eventTypes: readonly string[]): Promise<Route[]> {
  const { rows } = await tx.query<Route>(FIND_ROUTES, [siteIds, eventTypes]);
  return rows;
}

const FIND_ROUTES = `
select w.site_id as "siteId", s.event_type as "eventType", s.data_queue as "dataQueue", s.consumer,
       s.state as "subscriptionState", s.filter, c.id as "connectionId",
       (select count(*) from connection f where f.site_id = w.site_id and f.consumer = s.consumer
        and f.event_types <> '{}' and s.event_type <> all(f.event_types)) as filtered
from unnest($1::text[]) as w(site_id)
join subscription s
  on s.event_type = any($2::text[])
 and (s.site_id = w.site_id
      or (s.site_id = '*' and not exists (
            select from subscription own where own.data_queue = s.data_queue and own.site_id = w.site_id)))
left join connection c
  on c.site_id = w.site_id
 and c.consumer = s.consumer
 and (c.event_types = '{}' or s.event_type = any(c.event_types))
order by w.site_id, s.data_queue, c.id`;
