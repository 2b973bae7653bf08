import type { Tx } from '../../db/tx';

/** Makes everything that is recorded and settled older by so many days, so that retention takes it today. */
export async function ageEvents(tx: Tx, days: number): Promise<void> {
  await tx.query(`update event set recorded_at = recorded_at - make_interval(days => $1::int)`, [days]);
  await tx.query(`update delivery set settled_at = settled_at - make_interval(days => $1::int)`, [days]);
}

/** Bytes of the tables that retention empties, with their indexes. */
export async function readRetainedBytes(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(oid))::bigint as bytes from pg_class where relname in ('event', 'delivery', 'event_id')`,
  );
  return rows[0]?.bytes ?? 0;
}
