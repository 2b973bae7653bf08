import type { Tx } from './tx';

/** The unfinished deliveries, as one worker has counted them for all. Times are in seconds since 1970. */
export interface Gauges {
  readonly parked: readonly {
    readonly dataQueue: string;
    readonly failure: string;
    readonly deliveries: number;
    /** When the event of the oldest one was recorded. */
    readonly oldest: number;
  }[];
  readonly pending: readonly {
    readonly dataQueue: string;
    readonly deliveries: number;
    /** Those that should have been sent a minute ago, and that no attempt holds. */
    readonly overdue: number;
  }[];
  readonly brokenConnections: readonly { readonly consumer: string; readonly connections: number }[];
  /** How long ago the sweep should have looked at the first delivery that it has not looked at, by cluster of the owner. */
  readonly sweepLag: readonly { readonly cluster: string; readonly seconds: number }[];
}

/** The last reading, and its time. */
export interface GaugesReading {
  readonly takenAt: Date;
  readonly gauges: Gauges;
}

/** Between two readings: an older one is read anew when a worker's metrics are asked for. */
const EVERY_SECONDS = 15;
/** One reading takes at most this part of the time, so that a large backlog is read less often. */
const MOST_OF_THE_TIME = 1 / 20;

/**
 * The last reading of all workers; if it is older than 15 s, this one takes a new one first. A claim keeps others from
 * reading at the same time; after a worker that has died in between, or whose statement timed out, the next one reads.
 *
 * @returns undefined: none was taken yet
 */
export async function readGauges(tx: Tx): Promise<GaugesReading | undefined> {
  const claim = await tx.query(CLAIM, [EVERY_SECONDS, 1 / MOST_OF_THE_TIME]);
  if (claim.rowCount === 1) {
    const started = performance.now();
    const took = (): number => performance.now() - started;
    try {
      const { rows } = await tx.query<Gauges>(READ);
      await tx.query(STORE, [took(), JSON.stringify(rows[0])]);
    } catch (error) {
      await tx.query(STORE, [took(), null]).catch(() => {}); // a reading that times out is not repeated at once
      throw error;
    }
  }
  return (await tx.query<GaugesReading>(LAST)).rows[0];
}

const CLAIM = `
insert into gauges_reading as r (id, begun_at) values (1, now())
on conflict (id) do update set begun_at = now()
where r.begun_at <= now() - greatest($1::float8, r.took_ms / 1000 * $2::float8) * interval '1 second'`;

const STORE = `
update gauges_reading set took_ms = $1,
  gauges = coalesce($2::jsonb, gauges), taken_at = case when $2::jsonb is null then taken_at else now() end where id = 1`;

const LAST = `select taken_at as "takenAt", gauges from gauges_reading where id = 1 and gauges is not null`;

/** Reads indexes of unfinished deliveries only. */
const READ = `
with parked as (
  select data_queue, failure_type, count(*) as deliveries, min(created_at) as oldest
  from delivery where state = 'parked' group by 1, 2
), pending as (
  select data_queue, count(*) as deliveries,
         count(*) filter (where greatest(due_at, lease_until) < now() - interval '1 minute') as overdue
  from delivery where state = 'pending' group by 1
), broken as (
  select consumer, count(*) as connections from connection where state = 'broken' group by 1
), late as (
  select d.owner_cluster as cluster, min(d.look_at) as look_at
  from delivery d where d.state in ('pending', 'parked') and d.look_at < now() group by 1
)
select
  (select coalesce(jsonb_agg(jsonb_build_object('dataQueue', data_queue, 'failure', coalesce(failure_type, ''),
            'deliveries', deliveries, 'oldest', extract(epoch from oldest))), '[]') from parked) as parked,
  (select coalesce(jsonb_agg(jsonb_build_object('dataQueue', data_queue, 'deliveries', deliveries, 'overdue', overdue)), '[]')
   from pending) as pending,
  (select coalesce(jsonb_agg(jsonb_build_object('consumer', consumer, 'connections', connections)), '[]') from broken)
    as "brokenConnections",
  (select coalesce(jsonb_agg(jsonb_build_object('cluster', cluster, 'seconds', extract(epoch from now() - look_at))), '[]')
   from late) as "sweepLag"`;
