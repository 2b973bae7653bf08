import type { WaitingEvent } from './sweep-deliveries';
import type { Tx } from './tx';

/** Which parked deliveries are meant; what is undefined is not asked. */
export interface ParkedSelection {
  readonly siteId?: string | undefined;
  readonly eventType?: string | undefined;
  /** With or without #n. */
  readonly queue?: string | undefined;
  /** Without it: all but `Rejected`, which the destination will refuse again; discardParked leaves `Paused` alone, too. */
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
 * workflows on `cluster`. What is held by a paused subscription or a broken connection stays.
 *
 * @returns how many, and the events to continue
 */
export async function resumeDeliveries(
  tx: Tx,
  selection: ParkedSelection,
  cluster: string,
  limit: number,
  overdueAfterSeconds: number,
): Promise<{ changed: number; events: WaitingEvent[] }> {
  return changed(await tx.query(RESUME, [...valuesOf(selection), limit, cluster, overdueAfterSeconds]));
}

/** Gives up the oldest of the selected deliveries. @returns how many, and the events whose runs should look */
export async function discardParked(
  tx: Tx,
  selection: ParkedSelection,
  limit: number,
): Promise<{ changed: number; events: WaitingEvent[] }> {
  return changed(await tx.query(DISCARD, [...valuesOf(selection), limit]));
}

/** How many deliveries one of the two would take in the end, by data queue and failure. */
export async function countParked(
  tx: Tx,
  selection: ParkedSelection,
  action: 'redrive' | 'discard',
): Promise<ParkedCount[]> {
  return (await tx.query<ParkedCount>(action === 'redrive' ? COUNT_RESUME : COUNT_DISCARD, valuesOf(selection))).rows;
}

interface ChangedRow extends WaitingEvent {
  readonly changed: number;
}

function changed({ rows }: { rows: unknown[] }): { changed: number; events: WaitingEvent[] } {
  const events = rows as ChangedRow[]; // both statements answer so
  return {
    changed: events.reduce((sum, one) => sum + one.changed, 0),
    events: events.map(({ key, contentHash }) => ({ key, contentHash })),
  };
}

const valuesOf = ({ siteId, eventType, queue, failure, before }: ParkedSelection): unknown[] => [
  siteId ?? null,
  eventType ?? null,
  queue ?? null,
  failure ?? null,
  before,
];

const SELECTED = `
  d.state = 'parked' and d.settled_at < $5::timestamptz
  and ($1::text is null or d.site_id = $1)
  and ($2::text is null or d.event_key like replace(replace($2, '\\', '\\\\'), '_', '\\_') || '/%')
  and ($3::text is null or d.data_queue = $3 or d.label = $3)
  and (case when $4::text is null then d.failure_type <> 'Rejected' else d.failure_type = $4 end)`;

/** What would be parked again at once. None of the questions depends on the row, so that each is asked once for all rows. */
const HELD = `
  (d.failure_type = 'Paused' and
   case when (d.data_queue, d.site_id) in (select s.data_queue, s.site_id from subscription s where s.site_id <> '*')
        then (d.data_queue, d.site_id) in (select s.data_queue, s.site_id from subscription s where s.state = 'paused')
        else d.data_queue in (select s.data_queue from subscription s where s.site_id = '*' and s.state = 'paused') end)
  or (d.failure_type = 'ConnectionBroken' and coalesce(
      d.connection_id in (select c.id from connection c where c.state = 'broken'), false))`;

const TO_RESUME = `${SELECTED} and not (${HELD})`;
const TO_DISCARD = `${SELECTED} and ($4::text is not null or d.failure_type <> 'Paused')`;

const RESUME = `
with oldest as (
  select d.id from delivery d where ${TO_RESUME} order by d.created_at, d.id limit $6
), chosen as (
  select d.id from delivery d join oldest on oldest.id = d.id where d.state = 'parked'
  order by d.event_key collate "C", d.id for update of d skip locked
), resumed as (
  update delivery d set state = 'pending', tries = 0, due_at = now(), settled_at = null, looks = 0,
    look_at = now() + $8::float8 * interval '1 second', owner_cluster = $7, owner_workflow_id = d.event_key
  from chosen where d.id = chosen.id
  returning d.event_key, d.created_at
)
select e.key, e.content_hash as "contentHash", count(*) as changed
from resumed r join event e on e.key = r.event_key group by e.key order by min(r.created_at), e.key`;

const DISCARD = `
with oldest as (
  select d.id from delivery d where ${TO_DISCARD} order by d.created_at, d.id limit $6
), chosen as (
  select d.id from delivery d join oldest on oldest.id = d.id where d.state = 'parked'
  order by d.event_key collate "C", d.id for update of d skip locked
), given_up as (
  update delivery d set state = 'discarded', settled_at = now(), look_at = 'infinity'
  from chosen where d.id = chosen.id
  returning d.event_key, d.created_at
)
select e.key, e.content_hash as "contentHash", count(*) as changed
from given_up g join event e on e.key = g.event_key group by e.key order by min(g.created_at), e.key`;

const count = (selected: string): string => `
select d.data_queue as "dataQueue", d.failure_type as failure, count(*) as deliveries
from delivery d where ${selected} group by 1, 2 order by 1, 2`;

const COUNT_RESUME = count(TO_RESUME);
const COUNT_DISCARD = count(TO_DISCARD);
