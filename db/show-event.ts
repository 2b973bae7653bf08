import { attemptsOf } from './fragments';
import type { KeptAttempt } from './settle-deliveries';
import type { Tx } from './tx';

/** An event as an operator may see it: without its data. */
export interface ShownEvent {
  readonly key: string;
  /** Null = it was never recorded. */
  readonly recorded: {
    readonly receivedAt: string;
    readonly recordedAt: string;
    /** The workflow that recorded it: the one of its key, or a batch. */
    readonly cluster: string;
    readonly workflowId: string;
    /** Deliveries that filters, and lists of event types of connections, held back. */
    readonly filtered: number;
    /** When retention deleted its data and deliveries, and the final states of these; null = they are there. */
    readonly pruned: { readonly at: string; readonly delivered: number; readonly discarded: number } | null;
  } | null;
  readonly deliveries: readonly ShownDelivery[];
  /** Inputs of this key that were refused at recording, newest first. */
  readonly refused: readonly {
    readonly refusedAt: string;
    readonly workflowId: string;
    readonly problems: readonly { readonly path: string; readonly problem: string }[];
  }[];
}

export interface ShownDelivery {
  readonly dataQueue: string;
  readonly state: string;
  /** Attempts, those before a redrive included. */
  readonly tries: number;
  /** When it is tried next (pending), or has got its state. */
  readonly at: string;
  /** The workflow that owns it. */
  readonly cluster: string;
  readonly workflowId: string;
  readonly failureType: string | null;
  readonly failureMessage: string | null;
  /** The receipt that the consumer has returned; `ids` are its records at the destination, by kind, `skipped` says why it did nothing. */
  readonly receipt: { readonly ids?: Readonly<Record<string, string>>; readonly skipped?: string } | null;
  /** The last twenty; null = none is kept: it was written with its event, or by a release before this. */
  readonly attempts: readonly KeptAttempt[] | null;
}

/** An event by its key; null if nothing of that key has been recorded or refused. */
export async function showEvent(tx: Tx, key: string): Promise<ShownEvent | null> {
  const { rows } = await tx.query<ShownEvent>(SHOW_EVENT, [key]);
  const [event] = rows;
  return event === undefined || (event.recorded === null && event.refused.length === 0) ? null : event;
}

/** Data of an event, which no log, page or other answer may have. */
export interface RevealedRow {
  /** In internal form; undefined = it was never recorded. */
  readonly data: unknown;
  /** The newest input of this key that was refused, as text; null = none. */
  readonly refused: string | null;
}

/** By the event's key. */
export async function readRevealed(tx: Tx, key: string): Promise<RevealedRow> {
  const { rows } = await tx.query<{ data: unknown; refused: Buffer | null }>(REVEAL_EVENT, [key]);
  const { data, refused = null } = rows[0] ?? {};
  return { data: data ?? undefined, refused: refused?.toString() ?? null };
}

const REVEAL_EVENT = `
select (select data from event where key = $1 and pruned_at is null) as data,
  (select raw from refused_event where key = $1 order by refused_at desc limit 1) as refused`;

const SHOW_EVENT = `
select $1 as key,
  (select jsonb_build_object('receivedAt', received_at, 'recordedAt', recorded_at, 'cluster', cluster, 'workflowId', workflow_id,
     'filtered', filtered_count, 'pruned', case when pruned_at is not null then
       jsonb_build_object('at', pruned_at, 'delivered', delivered_count, 'discarded', discarded_count) end)
   from event where key = $1) as recorded,
  (select coalesce(jsonb_agg(jsonb_build_object(
            'dataQueue', label, 'state', state, 'tries', ${attemptsOf('delivery')},
            'at', case when state = 'pending' then due_at else settled_at end,
            'cluster', owner_cluster, 'workflowId', owner_workflow_id,
            'failureType', failure_type, 'failureMessage', failure_message, 'receipt', receipt, 'attempts', attempts) order by label), '[]')
   from delivery where event_key = $1) as deliveries,
  (select coalesce(jsonb_agg(jsonb_build_object('refusedAt', refused_at, 'workflowId', workflow_id, 'problems', problems)
            order by refused_at desc), '[]')
   from (select * from refused_event where key = $1 order by refused_at desc limit 20) r) as refused`;
