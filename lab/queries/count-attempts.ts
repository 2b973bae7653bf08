import type { Tx } from '../../db/tx';

/** Attempts that were sending at a point in time (ms since 1970): their leases were live then, and nothing is written of them yet. */
export async function countAttempts(tx: Tx, at: number): Promise<number> {
  const { rows } = await tx.query<{ attempts: number }>(COUNT, [new Date(at)]);
  return rows[0]?.attempts ?? 0;
}

const COUNT = `select count(*) as attempts from delivery where state = 'pending' and lease_until > $1`;
