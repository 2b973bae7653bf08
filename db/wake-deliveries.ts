import { LOCK_IN_ORDER, stateOf } from './fragments';
import type { Owner } from './owner';
import type { Tx } from './tx';

/** A delivery whose last attempt was told to come back later; no attempt holds it. */
export const waits = `${stateOf('d')} = 'pending' and d.due_at > now() and (d.lease_until is null or d.lease_until < now())`;

/**
 * Part of an update of `delivery d` that waits: it is due now, and reserves its slot of the connection's rate anew. Its run holds an
 * activity that waits longer: `woken` says how long, in seconds since 1970, until the next outcome is written.
 */
export const dueNow = `
    due_at = now(), slot_at = null, look_at = now(), looks = 0,
    failure_details = (coalesce(d.failure_details, '{}') - 'rateLimited') || jsonb_build_object('woken', extract(epoch from d.due_at))`;

/**
 * True for a delivery that was woken, and that no attempt has begun since. An activity that comes back within seconds by itself is
 * left to do so: to cancel it then could interrupt its send, which would be repeated.
 */
export const isWoken = `(${stateOf('d')} = 'pending' and (d.lease_until is null or d.lease_until < now())
  and coalesce(d.failure_details->'woken' > to_jsonb(extract(epoch from now()) + 5), false))`;

/**
 * Makes deliveries of this owner due now that were told to come back later. Their activity has begun, so that no run needs to be
 * told.
 *
 * @returns how many
 */
export async function makeDue(tx: Tx, ids: readonly string[], owner: Owner): Promise<number> {
  return (await tx.query(MAKE_DUE, [ids, owner.cluster, owner.workflowId])).rowCount ?? 0;
}

/**
 * Makes the oldest deliveries of a connection due now that were told to come back later; the sweep tells their runs.
 *
 * @returns how many, `limit` at most: with fewer, none is left
 */
export async function wakeDeliveries(tx: Tx, connectionId: string, limit: number): Promise<number> {
  return (await tx.query(WAKE, [connectionId, limit])).rowCount ?? 0;
}

const MAKE_DUE = `
with chosen as (
  select d.id from delivery d
  where d.id = any($1::uuid[]) and d.owner_cluster = $2 and d.owner_workflow_id = $3 and ${waits}
  ${LOCK_IN_ORDER}
)
update delivery d set due_at = date_trunc('milliseconds', now()), slot_at = null, failure_details = d.failure_details - 'rateLimited'
from chosen where d.id = chosen.id`;

const WAKE = `
with chosen as (
  select d.id from delivery d where d.connection_id = $1 and ${waits} and d.state = 'pending'
  order by d.created_at, d.id limit $2 for update of d skip locked
)
update delivery d set ${dueNow} from chosen where d.id = chosen.id`;
