import type { ChatEvent } from '../events/catalogue';
import type { SealedConnection } from './connections';
import { LOCK_IN_ORDER, stateOf, subscriptionState } from './fragments';
import type { Owner } from './owner';
import type { Tx } from './tx';

/** A delivery that this attempt holds, with its event as it is stored. */
export interface TakenDelivery {
  readonly id: string;
  readonly label: string;
  readonly dataQueue: string;
  readonly consumer: string;
  readonly connectionId: string | null;
  readonly key: string;
  readonly tries: number;
  /** How often its destination has asked to come back later since the last counted try; that is not counted as a try. */
  readonly rateLimited: number;
  /** The state of the subscription now. */
  readonly paused: boolean;
  /** The connection now; null = the consumer needs none, or it was removed. */
  readonly connection: TakenConnection | null;
  /** The progress that earlier attempts saved. */
  readonly progress: Readonly<Record<string, unknown>>;
  /** Milliseconds until the connection's rate allows the send; null = now, without a slot of its own. */
  readonly slotInMs: number | null;
  /** The lease; null = the row is locked in this transaction. */
  readonly leaseToken: string | null;
  /** If `bytesLeft` is more than 0, its data is null until readEventData has loaded it. */
  readonly event: ChatEvent;
  /** The last attempt may have reached the destination: it wrote no outcome, as its process died, or no answer came. */
  readonly mayHaveArrived: boolean;
  /** The size of a large event's data as JSON, which a claim leaves in the database; else 0. */
  readonly bytesLeft: number;
}

/** The facts of its connection that a delivery needs; `secrets` are sealed. */
export type TakenConnection = Pick<
  SealedConnection,
  'config' | 'secrets' | 'secretsKeyId' | 'version' | 'edition' | 'state' | 'brokenReason' | 'maxInFlight'
>;

/**
 * Locks the deliveries that are pending, due and owned by this owner, until the transaction ends; rows that another attempt
 * holds are left out.
 */
export async function lockDeliveries(tx: Tx, ids: readonly string[], owner: Owner): Promise<TakenDelivery[]> {
  const { rows } = await tx.query<TakenRow>(LOCK_DELIVERIES, [ids, owner.cluster, owner.workflowId]);
  return rows.map(toTaken);
}

/** A delivery to be claimed. */
export interface Claim {
  readonly id: string;
  readonly owner: Owner;
  readonly leaseSeconds: number;
}

/**
 * Like lockDeliveries, but by a lease with a random token, so that no transaction is open during the send. If the connection
 * has a rate, each delivery reserves a slot of it, unless its reserved slot has just come.
 */
export async function claimDeliveries(tx: Tx, claims: readonly Claim[]): Promise<TakenDelivery[]> {
  const { rows } = await tx.query<TakenRow>(CLAIM_DELIVERIES, [
    claims.map(({ id }) => id),
    claims.map(({ owner }) => owner.cluster),
    claims.map(({ owner }) => owner.workflowId),
    claims.map(({ leaseSeconds }) => leaseSeconds),
  ]);
  return rows.map(toTaken);
}

/**
 * Renews the lease of an attempt that still waits for an answer, even if it has ended.
 *
 * @returns false if another attempt has the row, or it is settled
 */
export async function renewLease(
  tx: Tx,
  id: string,
  leaseToken: string | null,
  leaseSeconds: number,
): Promise<boolean> {
  return (await tx.query(RENEW_LEASE, [id, leaseToken, leaseSeconds])).rowCount === 1;
}

interface TakenRow extends Omit<TakenDelivery, 'event' | 'connection'> {
  readonly connection: Omit<TakenConnection, 'secrets'> | null;
  readonly secrets: Buffer | null;
  readonly type: string;
  readonly siteId: string;
  readonly eventId: string;
  readonly receivedAt: Date;
  readonly data: unknown;
}

function toTaken({
  type,
  siteId,
  eventId,
  receivedAt,
  data,
  secrets,
  connection,
  ...delivery
}: TakenRow): TakenDelivery {
  const event = { id: eventId, type, siteId, receivedAt: receivedAt.toISOString(), data };
  return {
    ...delivery,
    connection: connection && { ...connection, secrets },
    event: event as ChatEvent, // recordEvents stored it from a ChatEvent of this type
  };
}

/** Pending, due, and in no attempt. */
export const OPEN = `${stateOf('d')} = 'pending' and d.due_at <= now() and (d.lease_until is null or d.lease_until < now())`;
export const FREE = `d.id = any($1::uuid[]) and d.owner_cluster = $2 and d.owner_workflow_id = $3 and ${OPEN}`;

const TAKEN = `
  d.id, d.label, d.data_queue as "dataQueue", d.consumer, d.connection_id as "connectionId", d.event_key as key, d.tries,
  coalesce(${subscriptionState('d.data_queue', 'd.site_id')} = 'paused', false) as paused,
  d.lease_token as "leaseToken", coalesce(d.progress, '{}') as progress,
  coalesce((d.failure_details->>'rateLimited')::int, 0) as "rateLimited",
  e.type, e.site_id as "siteId", e.id as "eventId", e.received_at as "receivedAt"`;

/** By its stored, compressed size: the data of a large event is measured, and loaded when there is memory for it. */
const IS_LARGE = 'pg_column_size(e.data) > 8192';

const LOCK_DELIVERIES = `
select ${TAKEN}, e.data, 0 as "bytesLeft", null as connection, null as secrets, null as "slotInMs", false as "mayHaveArrived"
from delivery d join event e on e.key = d.event_key
where ${FREE}
${LOCK_IN_ORDER} skip locked`;

/** The failure says that the request may have arrived: `sent` of a mail, a deadline, or a connection that ended while it was open. */
const NO_ANSWER = `coalesce(d.failure_details->>'sent' = 'true' or d.failure_details->>'code' in
  ('NO_ANSWER', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'), false)`;

/** How many slots there are within a day: a delivery comes back within a day and keeps no later slot. A second more, as clocks round. */
const KEPT_SLOTS = `greatest(0, floor(extract(epoch from now() + interval '86401 s' - r.first) * r.rate_per_second) + 1)`;

const CLAIM_DELIVERIES = `
with free as (
  select d.id, c.lease_seconds, d.lease_token is not null as was_cut_off
  from unnest($1::uuid[], $2::text[], $3::text[], $4::float8[]) as c(id, cluster, workflow_id, lease_seconds)
  join delivery d on d.id = c.id and d.owner_cluster = c.cluster and d.owner_workflow_id = c.workflow_id
  where d.id = any($1::uuid[]) and ${OPEN}
  ${LOCK_IN_ORDER} skip locked
), d as (
  update delivery d set lease_token = gen_random_uuid(), lease_until = now() + free.lease_seconds * interval '1 second'
  from free where d.id = free.id
  returning d.*, free.was_cut_off
), wanting as (
  select d.id, d.connection_id, row_number() over (partition by d.connection_id order by d.created_at, d.id) - 1 as before
  from d join connection c on c.id = d.connection_id
  where c.rate_per_second is not null and c.state = 'ok' and (d.slot_at is null or d.slot_at < now() - interval '5 seconds')
), rated as (
  select id, greatest(now(), next_slot) as first, rate_per_second from connection
  where id in (select connection_id from wanting) order by id for update
), slots as (
  update connection c set next_slot = r.first + least(w.count, ${KEPT_SLOTS}) * interval '1 second' / r.rate_per_second
  from (select connection_id, count(*) from wanting group by 1) w join rated r on r.id = w.connection_id
  where c.id = w.connection_id
  returning c.id, r.first, r.rate_per_second
)
select ${TAKEN}, d.was_cut_off or ${NO_ANSWER} as "mayHaveArrived", c.secrets, case when ${IS_LARGE} then null else e.data end as data,
       case when ${IS_LARGE} then octet_length(e.data::text) else 0 end as "bytesLeft",
       case when c.id is not null then jsonb_build_object(
         'config', c.config, 'secretsKeyId', c.secrets_key_id, 'version', c.version, 'edition', c.edition, 'state', c.state,
         'brokenReason', c.broken_reason, 'maxInFlight', c.max_in_flight) end as connection,
       (1000 * extract(epoch from s.first + w.before * interval '1 second' / s.rate_per_second - now()))::float8 as "slotInMs"
from d join event e on e.key = d.event_key
left join connection c on c.id = d.connection_id
left join wanting w on w.id = d.id
left join slots s on s.id = w.connection_id
order by d.event_key collate "C", d.id`;

const RENEW_LEASE = `
update delivery d set lease_until = now() + $3::float8 * interval '1 second'
where d.id = $1 and d.lease_token = $2 and ${stateOf('d')} = 'pending'`;
