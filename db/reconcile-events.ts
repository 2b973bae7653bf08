import { stateOf } from './fragments';
import type { Tx } from './tx';

/** Recorded events of one site, or of one type, in the order of their receipt. */
export interface EventScope {
  readonly siteId: string | null;
  readonly eventType: string | null;
  /** ISO, of when the events were received: from is within, to is not. */
  readonly from: string;
  readonly to: string;
}

/** The last event of a page. */
export interface EventPlace {
  readonly receivedAt: string;
  readonly key: string;
}

export interface ReconciledPage {
  readonly events: number;
  /** Rows of deliveries. */
  readonly deliveries: number;
  /** Null = there was none. */
  readonly last: EventPlace | null;
  readonly incomplete: readonly IncompleteEvent[];
  readonly unfinished: readonly UnfinishedEvent[];
}

/** An event with fewer rows of deliveries than it was recorded with, or more. */
export interface IncompleteEvent {
  readonly key: string;
  readonly expected: number;
  readonly labels: readonly string[];
  readonly ids: readonly string[];
}

/** Deliveries of one event that a workflow should be working on. */
export interface UnfinishedEvent {
  readonly key: string;
  readonly cluster: string;
  readonly workflowId: string;
  readonly labels: readonly string[];
}

/** The next events of a scope, compared with the rows of their deliveries. */
export async function reconcilePage(
  tx: Tx,
  { siteId, eventType, from, to }: EventScope,
  after: EventPlace | null,
  limit: number,
): Promise<ReconciledPage> {
  const values = [siteId ?? eventType, from, to, after?.receivedAt ?? from, after?.key ?? '', limit];
  const { rows } = await tx.query<ReconciledPage>(siteId === null ? PAGE_OF_TYPE : PAGE_OF_SITE, values);
  const [page] = rows;
  if (page === undefined) throw new Error('PostgreSQL gave no row.');
  return page;
}

/** Those of the deliveries that are still unfinished, with the same owner. */
export async function readUnfinished(tx: Tx, keys: readonly string[]): Promise<UnfinishedEvent[]> {
  return (await tx.query<UnfinishedEvent>(READ_UNFINISHED, [keys])).rows;
}

export interface KnownEvent {
  readonly key: string;
  /** Null = it was refused, or erased. */
  readonly receivedAt: string | null;
}

/** Those of the keys that are recorded, refused or erased. */
export async function findKnownEvents(tx: Tx, keys: readonly string[]): Promise<KnownEvent[]> {
  return (await tx.query<KnownEvent>(FIND_KNOWN, [keys])).rows;
}

/** A delivery that holds its workflow open. */
const HOLDS_OPEN = `(${stateOf('d')} = 'pending' or ${stateOf('d')} = 'parked' and d.failure_type <> 'Paused')`;

const page = (column: 'site_id' | 'type'): string => `
with page as materialized (
  select key, received_at, case when pruned_at is null then delivery_count else 0 end as delivery_count from event
  where ${column} = $1 and received_at >= $2::timestamptz and received_at < $3::timestamptz
  and received_at >= $4::timestamptz and (received_at, key) > ($4::timestamptz, $5)
  order by received_at, key limit $6
), checked as materialized (
  select page.*, d.found, d.open from page cross join lateral (
    select count(*) as found, count(*) filter (where ${HOLDS_OPEN}) as open from delivery d where d.event_key = page.key
  ) d
), unfinished as (
  select d.event_key, d.owner_cluster, d.owner_workflow_id, jsonb_agg(d.label order by d.label) as labels
  from checked c cross join lateral (select * from delivery d where d.event_key = c.key and ${HOLDS_OPEN} offset 0) d
  where c.open > 0 group by 1, 2, 3
)
select (select count(*) from checked) as events, (select coalesce(sum(found), 0)::int8 from checked) as deliveries,
  (select jsonb_build_object('receivedAt', received_at, 'key', key) from checked order by received_at desc, key desc limit 1) as last,
  (select coalesce(jsonb_agg(jsonb_build_object('key', key, 'expected', delivery_count,
      'labels', (select coalesce(jsonb_agg(label order by label), '[]') from delivery where event_key = checked.key),
      'ids', (select coalesce(jsonb_agg(id), '[]') from delivery where event_key = checked.key))), '[]')
   from checked where found <> delivery_count) as incomplete,
  (select coalesce(jsonb_agg(jsonb_build_object('key', event_key, 'cluster', owner_cluster, 'workflowId', owner_workflow_id,
            'labels', labels)), '[]') from unfinished) as unfinished`;

const PAGE_OF_SITE = page('site_id');
const PAGE_OF_TYPE = page('type');

const READ_UNFINISHED = `
select d.event_key as key, d.owner_cluster as cluster, d.owner_workflow_id as "workflowId", jsonb_agg(d.label order by d.label) as labels
from delivery d where d.event_key = any($1::text[]) and ${HOLDS_OPEN} group by 1, 2, 3`;

const FIND_KNOWN = `
select key, received_at as "receivedAt" from event where key = any($1::text[])
union all
select k.key, null::timestamptz from unnest($1::text[]) as k (key)
where not exists (select from event e where e.key = k.key)
and (exists (select from refused_event r where r.key = k.key) or exists (select from erased_event x where x.key = k.key))`;
