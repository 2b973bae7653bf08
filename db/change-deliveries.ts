import type { Owner } from './owner';
import { pendingAgain } from './placement';
import { LOCK_IN_ORDER, stateOf } from './fragments';
import type { Session, Tx } from './tx';
import { dueNow, waits } from './wake-deliveries';

/** The deliveries of a run that an operator has chosen. */
export interface Selection {
  readonly keys: readonly string[];
  /** Data queues, with or without #n; none = all that the operation may change. */
  readonly queues: readonly string[];
}

/**
 * Makes parked deliveries of this owner pending again, due now, with no tries counted. Without queues: all parked deliveries
 * except `Paused` and `Unconfirmed` ones. A delivery that waits for a later time is due now.
 *
 * @returns how many
 */
export async function redriveDeliveries(session: Session, { keys, queues }: Selection, owner: Owner): Promise<number> {
  const values = [keys, queues, owner.cluster, owner.workflowId, session.overdueAfterSeconds];
  const { rows } = await session.query<{ changed: number }>(REDRIVE, values);
  return rows[0]?.changed ?? 0;
}

/**
 * Discards parked deliveries of this owner; of the named queues pending ones, too.
 *
 * @returns how many were left because an attempt is under way: the caller asks again
 */
export async function discardDeliveries(tx: Tx, { keys, queues }: Selection, owner: Owner): Promise<number> {
  const values = [keys, queues, owner.cluster, owner.workflowId];
  const { rows } = await tx.query<{ busy: number }>(DISCARD, values);
  return rows[0]?.busy ?? 0;
}

/** Makes the events' own workflows the owners of a batch's unfinished deliveries; the sweep continues them. @returns how many */
export async function handOverDeliveries(tx: Tx, keys: readonly string[], owner: Owner): Promise<number> {
  return (await tx.query(HAND_OVER, [keys, owner.cluster, owner.workflowId])).rowCount ?? 0;
}

const STATE = stateOf('d');
const CHOSEN = `(label = any($2::text[]) or data_queue = any($2::text[]))`;
const OWN = `event_key = any($1::text[]) and owner_cluster = $3 and owner_workflow_id = $4`;

const REDRIVE = `
with chosen as (
  select id, ${STATE} = 'parked' as parked from delivery d
  where ${OWN} and (
    ${STATE} = 'parked' and (${CHOSEN} or ($2::text[] = '{}' and failure_type not in ('Paused', 'Unconfirmed')))
    or ${waits} and (${CHOSEN} or $2::text[] = '{}'))
  ${LOCK_IN_ORDER}
), redriven as (
  update delivery d set ${pendingAgain('$5')} from chosen where d.id = chosen.id and chosen.parked
), woken as (
  update delivery d set ${dueNow} from chosen where d.id = chosen.id and not chosen.parked
)
select count(*) as changed from chosen`;

const DISCARD = `
with chosen as (
  select id, coalesce(lease_until > now(), false) as busy from delivery d
  where ${OWN} and (${STATE} = 'parked' or ${STATE} = 'pending' and ${CHOSEN}) and (${CHOSEN} or ($2::text[] = '{}' and failure_type <> 'Paused'))
  ${LOCK_IN_ORDER}
), discarded as (
  update delivery d set state = 'discarded', settled_at = now(), look_at = 'infinity', lease_token = null, lease_until = null
  from chosen where d.id = chosen.id and not chosen.busy
)
select count(*) filter (where busy) as busy from chosen`;

const HAND_OVER = `
with chosen as (
  select id from delivery d
  where event_key = any($1::text[]) and owner_cluster = $2 and owner_workflow_id = $3
    and ${STATE} in ('pending', 'parked') and not (${STATE} = 'parked' and failure_type = 'Paused')
  ${LOCK_IN_ORDER}
)
update delivery d set owner_workflow_id = d.event_key, look_at = now() from chosen where d.id = chosen.id`;
