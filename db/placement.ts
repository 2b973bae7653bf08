import { noteRuns } from './abandoned-runs';
import { stateOf } from './state-of';

/** Where what is changed is carried on: by its owner's cluster, if that is one of the usable ones, else here. */
export interface Placement {
  readonly here: string;
  readonly usable: readonly string[];
}

/** An event with deliveries that wait for a run. */
export interface WaitingEvent {
  readonly key: string;
  readonly contentHash: string;
}

/** One whose deliveries belong to its own workflow on this cluster. */
export interface PlacedEvent extends WaitingEvent {
  readonly cluster: string;
}

/** The parameters of a statement that carries something on. */
export interface PlacingParameters {
  /** Of a Placement. */
  readonly here: string;
  readonly usable: string;
  /** Seconds beyond due after which the sweep looks at it. */
  readonly overdueAfterSeconds: string;
}

/**
 * Part of an update of `delivery d`: what was parked is due now, with no tries counted; the sweep looks so many seconds after
 * that. Who redrives what is `Unconfirmed` wants it sent again, so what was sent without an answer counts no more.
 */
export const pendingAgain = (overdueAfterSeconds: string): string => `
    state = 'pending', tries = 0, due_at = now(), settled_at = null, looks = 0,
    progress = case when d.failure_type = 'Unconfirmed' then d.progress - 'unanswered' else d.progress end,
    look_at = now() + ${overdueAfterSeconds}::float8 * interval '1 second'`;

/**
 * Part of a statement: of `oldest`, what is parked is pending again, due now, with no tries counted, and owned by its event's own
 * workflow. Notes the runs that had it, and may be open with it; what is paused holds no run open.
 */
export const resumeOldest = ({ here, usable, overdueAfterSeconds }: PlacingParameters): string => `chosen as (
  select d.id, d.event_key, d.owner_cluster, d.owner_workflow_id, d.failure_type from delivery d join oldest on oldest.id = d.id
  where ${stateOf('d')} = 'parked'
  order by d.event_key collate "C", d.id for update of d skip locked
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
