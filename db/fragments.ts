/**
 * The state of a delivery, for statements that know ids or keys. A bare column can lead the planner, whose statistics may be
 * older than a backlog, to one of the sweep's partial indices, and so through the whole backlog.
 */
export const stateOf = (table: string): string => `(${table}.state || '')`;

/** How many attempts were made, those before a redrive included; of deliveries that keep none, the counted tries. */
export const attemptsOf = (table: string): string => `coalesce((${table}.attempts->-1->'n')::int, ${table}.tries)`;

/** Locks rows of `delivery d`. Every statement locks them in this order, so that two of them cannot deadlock. */
export const LOCK_IN_ORDER = `order by d.event_key collate "C", d.id for update of d`;

/** A time as ISO in UTC, with milliseconds. */
export const isoTime = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The same, in whole seconds. */
export const isoSeconds = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** A time so many seconds from now. */
export const inSeconds = (seconds: string): string => `now() + ${seconds}::float8 * interval '1 second'`;

/** The state of a data queue's subscription: the site's own, else the one for all sites; null if there is none. */
export const subscriptionState = (dataQueue: string, siteId: string): string => `(
  select s.state from subscription s where s.data_queue = ${dataQueue} and s.site_id in (${siteId}, '*')
  order by s.site_id = '*' limit 1)`;
