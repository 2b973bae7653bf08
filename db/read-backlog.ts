import type { Tx } from './tx';

/** Unfinished deliveries and erasures, broken connections and refused events. Times are ISO. */
export interface Backlog {
  readonly pending: {
    readonly deliveries: number;
    /** Those that were tried before. */
    readonly retried: number;
    /** Those that should have been sent a minute ago, and that no attempt holds. */
    readonly overdue: number;
    /** When the longest of them was due; null = none is overdue. */
    readonly overdueSince: string | null;
    /** When the event of the oldest pending delivery was recorded; null = none is pending. */
    readonly oldest: string | null;
  };
  /** Largest group first, at most `limit`. */
  readonly parked: readonly ParkedGroup[];
  readonly parkedDeliveries: number;
  /** Of these, without `Paused` and `ConnectionBroken`, which go on by themselves when the cause is gone. */
  readonly undecided: number;
  readonly brokenConnections: readonly BrokenConnection[];
  /** Events that were refused in the last 24 hours. */
  readonly refused: { readonly events: number; readonly last: string | null };
  /** Erasures whose workflows are not yet deleted on each cluster. */
  readonly erasures: { readonly waiting: number; readonly since: string | null };
}

export interface ParkedGroup {
  readonly siteId: string;
  readonly dataQueue: string;
  readonly failure: string;
  readonly deliveries: number;
  /** When the event of the oldest one was recorded. */
  readonly oldest: string;
}

export interface BrokenConnection {
  /** `site/consumer/name`. */
  readonly connection: string;
  readonly since: string | null;
  readonly reason: string | null;
}

/** Reads indexes of unfinished deliveries only: its time grows with these, and not with the deliveries of all time. */
export async function readBacklog(tx: Tx, limit: number): Promise<Backlog> {
  const { rows } = await tx.query<Backlog>(READ_BACKLOG, [limit]);
  const [backlog] = rows;
  if (backlog === undefined) throw new Error('PostgreSQL gave no row.');
  return backlog;
}

const READ_BACKLOG = `
with parked as materialized (
  select site_id, data_queue, failure_type, count(*) as deliveries, min(created_at) as oldest
  from delivery where state = 'parked' group by 1, 2, 3
), shown as (
  select * from parked order by deliveries desc, site_id, data_queue limit $1
), due as (
  select tries, created_at, greatest(due_at, lease_until) as at from delivery where state = 'pending'
)
select
  (select jsonb_build_object('deliveries', count(*), 'retried', count(*) filter (where tries > 0),
            'overdue', count(*) filter (where at < now() - interval '1 minute'),
            'overdueSince', min(at) filter (where at < now() - interval '1 minute'),
            'oldest', min(created_at)) from due) as pending,
  (select coalesce(jsonb_agg(jsonb_build_object('siteId', site_id, 'dataQueue', data_queue, 'failure', failure_type,
            'deliveries', deliveries, 'oldest', oldest) order by deliveries desc, site_id, data_queue), '[]') from shown) as parked,
  (select coalesce(sum(deliveries), 0)::int8 from parked) as "parkedDeliveries",
  (select coalesce(sum(deliveries), 0)::int8 from parked where failure_type not in ('Paused', 'ConnectionBroken')) as undecided,
  (select coalesce(jsonb_agg(jsonb_build_object('connection', site_id || '/' || consumer || '/' || name,
            'since', broken_since, 'reason', broken_reason) order by broken_since), '[]')
   from connection where state = 'broken') as "brokenConnections",
  (select jsonb_build_object('events', count(*), 'last', max(refused_at))
   from refused_event where refused_at > now() - interval '24 hours') as refused,
  (select jsonb_build_object('waiting', count(*), 'since', min(requested_at))
   from erasure e where exists (select from erased_workflow w where w.erasure = e.id)) as erasures`;
