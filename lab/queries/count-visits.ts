import type { Tx } from '../../db/tx';

/** The sum of all days: what is added twice shows here alone. For databases that hold one drill. */
export async function countVisits(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ visits: number }>('select coalesce(sum(visits), 0) as visits from visits_per_day');
  return Number(rows[0]?.visits ?? 0);
}
