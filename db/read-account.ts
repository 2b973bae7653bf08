import { isoSeconds, isoTime } from './fragments';
import type { Tx } from './tx';

/** The counts of one site and one hour; events by when they were received, refused ones by when they were refused. */
export interface AccountedHour {
  /** '' = of a refused event that names none. */
  readonly siteId: string;
  /** Its begin, ISO. */
  readonly hour: string;
  readonly recorded: number;
  readonly refused: number;
  /** Deliveries that the events were recorded with. */
  readonly made: number;
  /** Deliveries that a filter of a subscription, or the list of event types of a connection, held back. */
  readonly filtered: number;
  readonly delivered: number;
  readonly parked: number;
  readonly discarded: number;
  readonly pending: number;
}

/** Events of these types that were received in a span of time (ISO; to is not within), by site and hour. */
export async function readAccount(
  tx: Tx,
  {
    types,
    siteId,
    from,
    to,
  }: { readonly types: readonly string[]; readonly siteId: string | null; readonly from: string; readonly to: string },
): Promise<AccountedHour[]> {
  return (await tx.query<AccountedHour>(READ_ACCOUNT, [types, siteId, from, to])).rows;
}

/** When the first event from `from` on, of these types or refused, was received or refused: ISO; null = none before `to`. */
export async function findNextAccounted(
  tx: Tx,
  { types, from, to }: { readonly types: readonly string[]; readonly from: string; readonly to: string },
): Promise<string | null> {
  return (await tx.query<{ at: string | null }>(FIND_NEXT, [types, from, to])).rows[0]?.at ?? null;
}

const FIND_NEXT = `
select ${isoTime('min(at)')} as at from (
  select first.received_at as at from unnest($1::text[]) as t (type) cross join lateral (
    select received_at from event where type = t.type and received_at >= $2::timestamptz and received_at < $3::timestamptz
    order by received_at limit 1) first
  union all
  select min(refused_at) from refused_event where refused_at >= $2::timestamptz and refused_at < $3::timestamptz
) next`;

const HOUR = isoSeconds(`date_trunc('hour', at, 'UTC')`);

const READ_ACCOUNT = `
with counted as (
  select e.site_id, e.received_at as at, 1 as recorded, 0 as refused, e.delivery_count as made, e.filtered_count as filtered,
    d.delivered + coalesce(e.delivered_count, 0) as delivered, d.parked, d.discarded + coalesce(e.discarded_count, 0) as discarded,
    d.pending
  from event e cross join lateral (
    select count(*) filter (where state = 'delivered') as delivered, count(*) filter (where state = 'parked') as parked,
      count(*) filter (where state = 'discarded') as discarded, count(*) filter (where state = 'pending') as pending
    from delivery where event_key = e.key
  ) d
  where e.type = any($1::text[]) and ($2::text is null or e.site_id = $2)
  and e.received_at >= $3::timestamptz and e.received_at < $4::timestamptz
  union all
  select coalesce(site_id, ''), refused_at, 0, 1, 0, 0, 0, 0, 0, 0
  from refused_event where refused_at >= $3::timestamptz and refused_at < $4::timestamptz and ($2::text is null or site_id = $2)
)
select site_id as "siteId", ${HOUR} as hour, sum(recorded) as recorded, sum(refused) as refused, sum(made) as made,
  sum(filtered) as filtered, sum(delivered)::int8 as delivered, sum(parked)::int8 as parked, sum(discarded)::int8 as discarded,
  sum(pending)::int8 as pending
from counted group by 1, 2`;
