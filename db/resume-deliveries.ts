import { noteRuns, type AbandonedRun } from './abandoned-runs';
import { resumeOldest, type PlacedEvent, type Placement } from './placement';
import { LOCK_IN_ORDER, stateOf } from './fragments';
import type { Session, Tx } from './tx';
import { dueNow, waits } from './wake-deliveries';

/** Which parked deliveries to change; an undefined field selects all. */
export interface ParkedSelection {
  readonly siteId?: string | undefined;
  readonly eventType?: string | undefined;
  /** Data queue, with or without #n. */
  readonly queue?: string | undefined;
  /**
   * Undefined = all but `Rejected`, which the destination would refuse again, and `Unconfirmed`, which may have arrived;
   * discardParked then leaves out `Paused`, too.
   */
  readonly failure?: string | undefined;
  /** Parked before this time, ISO. */
  readonly before: string;
}

export interface ParkedCount {
  readonly dataQueue: string;
  readonly failure: string;
  readonly deliveries: number;
}

/**
 * Makes the oldest of the selected deliveries pending, due now, with no tries counted and owned by their events' own
 * workflows. Deliveries of a paused subscription or a broken connection stay parked.
 *
 * @returns how many, and the events to continue
 */
export async function resumeDeliveries(
  session: Session,
  selection: ParkedSelection,
  { here, usable }: Placement,
  limit: number,
): Promise<{ changed: number; events: PlacedEvent[] }> {
  const values = [...valuesOf(selection), limit, here, session.overdueAfterSeconds, usable];
  const { rows } = await session.query<PlacedEvent & { changed: number }>(RESUME, values);
  return { changed: sum(rows), events: rows.map(({ key, contentHash, cluster }) => ({ key, contentHash, cluster })) };
}

/**
 * Discards the oldest of the selected deliveries.
 *
 * @returns how many, and the runs that owned them: they are noted, and the caller tells them
 */
export async function discardParked(
  tx: Tx,
  selection: ParkedSelection,
  limit: number,
): Promise<{ changed: number; abandoned: AbandonedRun[] }> {
  const { rows } = await tx.query<AbandonedRun & { changed: number }>(DISCARD, [...valuesOf(selection), limit]);
  return {
    changed: sum(rows),
    abandoned: rows.map(({ cluster, workflowId, mark }) => ({ cluster, workflowId, mark })),
  };
}

/** A place in the order of deliveries, oldest first. */
export interface Place {
  /** ISO. */
  readonly createdAt: string;
  readonly id: string;
}

/**
 * Makes the oldest of the selected deliveries due now that were told to come back later, if their event's own workflow has them;
 * those of a batch come back within minutes.
 *
 * @param range only deliveries behind the place `after`: one that has to wait again is not taken again; and before the time `until`
 * @returns the place of the last one, undefined: there are no more; and the events to continue
 */
export async function wakeWaiting(
  tx: Tx,
  selection: Omit<ParkedSelection, 'before'>,
  usable: readonly string[],
  { after, until }: { readonly after: Place | undefined; readonly until: string },
  limit: number,
): Promise<{ last: Place | undefined; changed: number; events: PlacedEvent[] }> {
  const { createdAt, id } = after ?? FIRST;
  const values = [...valuesOf({ ...selection, before: createdAt }), id, usable, limit, until];
  const { rows } = await tx.query<PlacedEvent & { createdAt: Date; id: string }>(WAKE, values);
  const events = new Map(rows.map(({ key, contentHash, cluster }) => [key, { key, contentHash, cluster }]));
  const last = rows.at(-1);
  return {
    last: last && { createdAt: last.createdAt.toISOString(), id: last.id },
    changed: rows.length,
    events: [...events.values()],
  };
}

/** How many wakeWaiting would change in all, by data queue and last failure. */
export async function countWaiting(tx: Tx, selection: Omit<ParkedSelection, 'before'>): Promise<ParkedCount[]> {
  const values = valuesOf({ ...selection, before: FIRST.createdAt });
  return (await tx.query<ParkedCount>(COUNT_WAITING, [...values, FIRST.id])).rows;
}

const FIRST: Place = { createdAt: '1970-01-01T00:00:00Z', id: '00000000-0000-0000-0000-000000000000' };

const sum = (rows: readonly { readonly changed: number }[]): number =>
  rows.reduce((all, { changed }) => all + changed, 0);

/** How many deliveries resumeDeliveries or discardParked would change in all, by data queue and failure. */
export async function countParked(
  tx: Tx,
  selection: ParkedSelection,
  action: 'redrive' | 'discard',
): Promise<ParkedCount[]> {
  return (await tx.query<ParkedCount>(action === 'redrive' ? COUNT_RESUME : COUNT_DISCARD, valuesOf(selection))).rows;
}

/** Why a redrive or discard leaves deliveries out, in words for an operator. */
const reasons = {
  later: 'parked after the time that was given',
  unnamed: 'taken only if the failure is named',
  paused: 'its subscription is paused; resume that',
  broken: 'its connection is broken; mend that',
  batch: 'its batch tries it again within minutes',
} as const;

export interface LeftOut extends ParkedCount {
  /** In words. */
  readonly why: string;
}

/** The deliveries that a redrive or discard of this selection leaves out although site, event type, data queue and failure fit, and why. */
export async function countLeftOut(
  tx: Tx,
  selection: ParkedSelection,
  action: 'redrive' | 'discard',
): Promise<LeftOut[]> {
  return (await tx.query<LeftOut>(action === 'redrive' ? LEFT_BY_RESUME : LEFT_BY_DISCARD, valuesOf(selection))).rows;
}

const valuesOf = ({ siteId, eventType, queue, failure, before }: ParkedSelection): unknown[] => [
  siteId ?? null,
  eventType ?? null,
  queue ?? null,
  failure ?? null,
  before,
];

const OF_SELECTION = `
  ($1::text is null or d.site_id = $1)
  and ($2::text is null or d.event_key like replace(replace($2, '\\', '\\\\'), '_', '\\_') || '/%')
  and ($3::text is null or d.data_queue = $3 or d.label = $3)`;

const SELECTED = `
  d.state = 'parked' and d.settled_at < $5::timestamptz and ${OF_SELECTION}
  and (case when $4::text is null then d.failure_type not in ('Rejected', 'Unconfirmed') else d.failure_type = $4 end)`;

/** Deliveries that would be parked again at once. No subquery depends on the row, so that each is run once for all rows. */
const OF_PAUSED = `(d.failure_type = 'Paused' and
   case when (d.data_queue, d.site_id) in (select s.data_queue, s.site_id from subscription s where s.site_id <> '*')
        then (d.data_queue, d.site_id) in (select s.data_queue, s.site_id from subscription s where s.state = 'paused')
        else d.data_queue in (select s.data_queue from subscription s where s.site_id = '*' and s.state = 'paused') end)`;
const OF_BROKEN = `(d.failure_type = 'ConnectionBroken' and coalesce(
      d.connection_id in (select c.id from connection c where c.state = 'broken'), false))`;
const HELD = `${OF_PAUSED} or ${OF_BROKEN}`;

const TO_RESUME = `${SELECTED} and not (${HELD})`;
const TO_DISCARD = `${SELECTED} and ($4::text is not null or d.failure_type <> 'Paused')`;

const RESUME = `
with oldest as (
  select d.id from delivery d where ${TO_RESUME} order by d.created_at, d.id limit $6
), ${resumeOldest({ here: '$7', usable: '$9', overdueAfterSeconds: '$8' })}
select e.key, e.content_hash as "contentHash", r.owner_cluster as cluster, count(*) as changed
from resumed r join event e on e.key = r.event_key group by e.key, r.owner_cluster order by min(r.created_at), e.key`;

const DISCARD = `
with oldest as (
  select d.id from delivery d where ${TO_DISCARD} order by d.created_at, d.id limit $6
), chosen as (
  select d.id from delivery d join oldest on oldest.id = d.id where ${stateOf('d')} = 'parked'
  ${LOCK_IN_ORDER} skip locked
), discarded as (
  update delivery d set state = 'discarded', settled_at = now(), look_at = 'infinity'
  from chosen where d.id = chosen.id
  returning d.owner_cluster, d.owner_workflow_id
), ${noteRuns('select distinct owner_cluster, owner_workflow_id from discarded order by 1, 2')}
select n.cluster, n.workflow_id as "workflowId", n.mark, count(*) as changed
from discarded g join noted n on n.cluster = g.owner_cluster and n.workflow_id = g.owner_workflow_id group by 1, 2, 3`;

const WAITING = `
  d.state = 'pending' and ${waits} and d.owner_workflow_id = d.event_key
  and (d.created_at, d.id) > ($5::timestamptz, $6::uuid) and ${OF_SELECTION} and ($4::text is null or d.failure_type = $4)`;

const WAKE = `
with chosen as (
  select d.id from delivery d where ${WAITING} and d.owner_cluster = any($7::text[]) and d.created_at < $9::timestamptz
  order by d.created_at, d.id limit $8 for update of d skip locked
), woken as (
  update delivery d set ${dueNow} from chosen where d.id = chosen.id returning d.*
)
select e.key, e.content_hash as "contentHash", w.owner_cluster as cluster, w.created_at as "createdAt", w.id
from woken w join event e on e.key = w.event_key order by w.created_at, w.id`;

const count = (selected: string): string => `
select d.data_queue as "dataQueue", coalesce(d.failure_type, '') as failure, count(*) as deliveries
from delivery d where ${selected} group by 1, 2 order by 1, 2`;

const COUNT_RESUME = count(TO_RESUME);
const COUNT_DISCARD = count(TO_DISCARD);
const COUNT_WAITING = count(WAITING);

const leftOut = (unnamed: string, more: string, others = ''): string => `
select d.data_queue as "dataQueue", d.failure as failure, d.why, count(*) as deliveries
from (
  select d.data_queue, coalesce(d.failure_type, '') as failure,
         case when d.settled_at >= $5::timestamptz then '${reasons.later}' when $4::text is null and d.failure_type in (${unnamed}) then '${reasons.unnamed}' ${more} end as why
  from delivery d where d.state = 'parked' and ${OF_SELECTION} and ($4::text is null or d.failure_type = $4)
  ${others}
) d where d.why is not null group by 1, 2, 3 order by 1, 2, 3`;

const LEFT_BY_RESUME = leftOut(
  `'Rejected', 'Unconfirmed'`,
  `when ${OF_PAUSED} then '${reasons.paused}' when ${OF_BROKEN} then '${reasons.broken}'`,
  `union all select d.data_queue, coalesce(d.failure_type, ''), '${reasons.batch}' from delivery d
   where d.state = 'pending' and ${waits} and d.owner_workflow_id <> d.event_key and ${OF_SELECTION} and ($4::text is null or d.failure_type = $4)`,
);
const LEFT_BY_DISCARD = leftOut(`'Rejected', 'Unconfirmed', 'Paused'`, '');
