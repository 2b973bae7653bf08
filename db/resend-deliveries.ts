import { isoTime } from './fragments';
import type { Tx } from './tx';
import type { TakenConnection } from './take-deliveries';

/** Delivered deliveries of one connection; an undefined field selects all. Times are ISO, of when the event was received. */
export interface ResendSelection {
  readonly connectionId: string;
  readonly eventType?: string | undefined;
  /** Data queue, with or without #n. */
  readonly queue?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/** A place in the order of a site's events. */
export interface ResendPlace {
  /** When the event was received, ISO. */
  readonly receivedAt: string;
  /** Of the delivery. */
  readonly id: string;
}

/** A delivery to send again, without the data of its event. */
export interface ResendDelivery {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly siteId: string;
  readonly eventId: string;
  readonly receivedAt: string;
}

/** The next deliveries in the order in which their events were received. */
export async function findDelivered(
  tx: Tx,
  selection: ResendSelection,
  after: ResendPlace | undefined,
  limit: number,
): Promise<ResendDelivery[]> {
  const { receivedAt, id } = after ?? {
    receivedAt: '0001-01-01T00:00:00Z',
    id: '00000000-0000-0000-0000-000000000000',
  };
  return (await tx.query<ResendDelivery>(FIND_DELIVERED, [...valuesOf(selection), receivedAt, id, limit])).rows;
}

/** How many findDelivered would find in all. */
export async function countDelivered(tx: Tx, selection: ResendSelection): Promise<number> {
  const { rows } = await tx.query<{ deliveries: number }>(COUNT_DELIVERED, valuesOf(selection));
  return rows[0]?.deliveries ?? 0;
}

/**
 * The connection, and milliseconds until its rate allows the next send: a slot of it is taken if that is within `withinMs`.
 * Undefined: it was removed.
 */
export async function takeSlot(
  tx: Tx,
  connectionId: string,
  withinMs: number,
): Promise<(TakenConnection & { readonly slotInMs: number }) | undefined> {
  return (await tx.query<TakenConnection & { slotInMs: number }>(TAKE_SLOT, [connectionId, withinMs])).rows[0];
}

const valuesOf = ({ connectionId, eventType, queue, from, to }: ResendSelection): unknown[] => [
  connectionId,
  eventType ?? null,
  queue ?? null,
  from ?? null,
  to ?? null,
];

// By the index of the site's events, page by page: there is no index of settled deliveries by connection.
const DELIVERED = `
from connection c join event e on e.site_id = c.site_id join delivery d on d.event_key = e.key
where c.id = $1 and d.connection_id = c.id and d.state = 'delivered'
and ($2::text is null or e.type = $2) and ($3::text is null or d.data_queue = $3 or d.label = $3)
and e.received_at >= coalesce($4::timestamptz, '-infinity') and e.received_at < coalesce($5::timestamptz, 'infinity')`;

const FIND_DELIVERED = `
select d.id, e.key, e.type, e.site_id as "siteId",
  e.id as "eventId", ${isoTime('e.received_at')} as "receivedAt"
${DELIVERED} and e.received_at >= $6::timestamptz and (e.received_at, d.id) > ($6::timestamptz, $7::uuid)
order by e.received_at, d.id limit $8`;

const COUNT_DELIVERED = `select count(*) as deliveries ${DELIVERED}`;

const TAKE_SLOT = `
with before as (
  select id, greatest(now(), next_slot) as first from connection where id = $1 for update
)
update connection c set next_slot = case when c.rate_per_second is null or c.state <> 'ok'
    or b.first > now() + $2::float8 * interval '1 ms' then c.next_slot
  else b.first + interval '1 second' / c.rate_per_second end
from before b where c.id = b.id
returning c.config, c.secrets, c.secrets_key_id as "secretsKeyId", c.version, c.edition, c.state, c.broken_reason as "brokenReason",
  c.max_in_flight as "maxInFlight",
  (case when c.rate_per_second is null then 0 else 1000 * extract(epoch from b.first - now()) end)::float8 as "slotInMs"`;
