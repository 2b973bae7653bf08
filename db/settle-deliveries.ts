import { noteRuns } from './abandoned-runs';
import { jsonText } from './json-text';
import { attemptsOf, isoTime, LOCK_IN_ORDER, stateOf } from './fragments';
import type { Session } from './tx';

/** An attempt as its delivery keeps it: no data of the event, no text of the destination. */
export interface MadeAttempt {
  readonly outcome: 'delivered' | 'pending' | 'parked';
  readonly failure?: string;
  /** HTTP status, SMTP code or SQLSTATE of the answer. */
  readonly status?: number | string;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** Process id and host, as the Web UI shows it. */
  readonly worker: string;
}

/** The same as it is stored. */
export interface KeptAttempt extends MadeAttempt {
  /** 1 = the first of the delivery; those of all redrives count. */
  readonly n: number;
  /** ISO time at which it ended. */
  readonly at: string;
}

/** A delivery keeps its last attempts; `n` of the last one says how many there were. */
const KEPT_ATTEMPTS = 20;

/** The result of one attempt at one delivery. */
export interface Outcome {
  readonly id: string;
  /** pending = it is tried again. */
  readonly state: 'delivered' | 'pending' | 'parked';
  /** The attempt's lease; null = this transaction holds the row's lock. */
  readonly leaseToken: string | null;
  /** 1 = the attempt counts as a try. */
  readonly tries: 0 | 1;
  /** Until it is due again, in milliseconds (pending only). */
  readonly delayMs: number;
  /** True = a slot of its connection's rate is kept for the time at which it is due again. */
  readonly slotReserved: boolean;
  /** Of the connection that was used; null = there was none. */
  readonly connectionEdition: number | null;
  readonly failure: {
    readonly type: string;
    readonly message: string;
    readonly details: Record<string, unknown>;
  } | null;
  readonly receipt: Readonly<Record<string, unknown>> | null;
  /** The record of the attempt; undefined = nothing was sent, or written by a consumer. */
  readonly attempt?: MadeAttempt | undefined;
  /** In a batch: the cluster whose workflow of the event becomes the owner if the delivery is parked; the sweep looks at it at once. */
  readonly handOverTo?: string;
}

/**
 * Writes outcomes. Every attempt may write a success, unless the row is final; other outcomes are written only by the attempt
 * that holds the row. If a parked delivery turns out to be delivered, its run is noted. A failure `ConnectionBroken` also marks
 * the connection as broken, unless an operator has changed the connection since.
 *
 * @returns ids of the rows that took their outcome
 */
export async function settleDeliveries(session: Session, outcomes: readonly Outcome[]): Promise<string[]> {
  const values = [jsonText(outcomes), outcomes.map(({ id }) => id), session.overdueAfterSeconds];
  return (await session.query<{ id: string }>(SETTLE, values)).rows.map(({ id }) => id);
}

const SETTLE = `
with o as (
  select o.*, d.state as was, d.owner_cluster, d.owner_workflow_id, d.connection_id
  from jsonb_to_recordset($1::jsonb) as o(id uuid, state text, "leaseToken" uuid, tries int, "delayMs" float8,
                                          "slotReserved" boolean, "connectionEdition" int, failure jsonb, receipt jsonb,
                                          attempt jsonb, "handOverTo" text)
  join delivery d on d.id = o.id
  where d.id = any($2::uuid[]) and ${stateOf('d')} not in ('delivered', 'discarded')
    and (o.state = 'delivered' or (d.state = 'pending' and d.lease_token is not distinct from o."leaseToken"))
  ${LOCK_IN_ORDER}
), breaking as (
  select distinct on (o.connection_id) o.connection_id as id, o."connectionEdition" as edition, o.failure->>'message' as reason
  from o where o.failure->>'type' = 'ConnectionBroken' order by o.connection_id, o."connectionEdition" desc
), refusing as (
  select c.id, b.reason from connection c join breaking b on b.id = c.id and b.edition = c.edition
  where c.state = 'ok' order by c.id for update of c
), broken as (
  update connection c set state = 'broken', broken_reason = left(r.reason, 1000), broken_since = now()
  from refusing r where c.id = r.id
), ${noteRuns("select distinct owner_cluster, owner_workflow_id from o where was = 'parked' order by 1, 2")}
update delivery d set
  state = o.state,
  tries = d.tries + o.tries,
  due_at = case when o.state = 'pending' then now() + o."delayMs" * interval '1 ms' else d.due_at end,
  look_at = case when o.state = 'pending' then now() + (o."delayMs" / 1000 + $3::float8) * interval '1 second'
                 when o.state = 'delivered' or o.failure->>'type' = 'Paused' then 'infinity'
                 when o."handOverTo" is not null then now()
                 else now() + interval '1 hour' end,
  looks = 0,
  slot_at = case when o."slotReserved" then now() + o."delayMs" * interval '1 ms' end,
  lease_token = null,
  lease_until = null,
  failure_type = o.failure->>'type',
  failure_message = left(o.failure->>'message', 1000),
  failure_details = nullif(o.failure->'details', '{}'),
  receipt = o.receipt,
  attempts = case when o.attempt is null then d.attempts else
    case when jsonb_array_length(d.attempts) >= ${KEPT_ATTEMPTS} then d.attempts - 0 else coalesce(d.attempts, '[]') end
    || jsonb_build_array(o.attempt || jsonb_build_object('n', ${attemptsOf('d')} + 1, 'at', ${isoTime('now()')})) end,
  settled_at = case when o.state <> 'pending' then now() end,
  owner_cluster = case when o.state = 'parked' and o."handOverTo" is not null then o."handOverTo" else d.owner_cluster end,
  owner_workflow_id = case when o.state = 'parked' and o."handOverTo" is not null then d.event_key else d.owner_workflow_id end
from o
where d.id = o.id
returning d.id`;
