import { noteRuns } from './abandoned-runs';
import { inSeconds, LOCK_IN_ORDER, stateOf } from './fragments';

/** Where changed deliveries are carried on: on their owner's cluster if that is usable, else here. */
export interface Placement {
  readonly here: string;
  readonly usable: readonly string[];
}

/** An event with deliveries that wait for a run. */
export interface WaitingEvent {
  readonly key: string;
  readonly contentHash: string;
}

/** An event whose deliveries belong to its own workflow on this cluster. */
export interface PlacedEvent extends WaitingEvent {
  readonly cluster: string;
}

/** The placeholders of a statement that makes deliveries pending again. */
export interface PlacingParameters {
  /** Of a Placement, as is `usable`. */
  readonly here: string;
  readonly usable: string;
  readonly overdueAfterSeconds: string;
}

/**
 * Part of an update of `delivery d`: a parked delivery is pending, due now, with no tries counted. An operator who redrives an
 * `Unconfirmed` delivery wants it sent again, so the record of the send without an answer is removed.
 */
export const pendingAgain = (overdueAfterSeconds: string): string => `
    state = 'pending', tries = 0, due_at = now(), settled_at = null, looks = 0,
    progress = case when d.failure_type = 'Unconfirmed' then d.progress - 'unanswered' else d.progress end,
    look_at = ${inSeconds(overdueAfterSeconds)}`;

/**
 * Part of a statement: the parked deliveries of `oldest` are pending again, due now, with no tries counted, and owned by their
 * events' own workflows. Notes the runs that owned them and may be open because of them; a `Paused` delivery holds no run open.
 */
export const resumeOldest = ({ here, usable, overdueAfterSeconds }: PlacingParameters): string => `chosen as (
  select d.id, d.event_key, d.owner_cluster, d.owner_workflow_id, d.failure_type from delivery d join oldest on oldest.id = d.id
  where ${stateOf('d')} = 'parked'
  ${LOCK_IN_ORDER} skip locked
), ${noteRuns(`
  select distinct owner_cluster, owner_workflow_id from chosen
  where failure_type <> 'Paused' and (owner_workflow_id <> event_key or not owner_cluster = any(${usable}::text[] || ${here}::text))
  order by 1, 2`)}, resumed as (
  update delivery d set ${pendingAgain(overdueAfterSeconds)},
    owner_cluster = case when d.owner_cluster = any(${usable}::text[]) then d.owner_cluster else ${here}::text end,
    owner_workflow_id = d.event_key
  from chosen where d.id = chosen.id
  returning d.event_key, d.owner_cluster, d.created_at
)`;
