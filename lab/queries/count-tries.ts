import type { Tx } from '../../db/tx';

/** Failed tries of all deliveries of sites other than this one. */
export async function countTriesOfOthers(tx: Tx, siteId: string): Promise<number> {
  const { rows } = await tx.query<{ tries: number }>(COUNT, [siteId]);
  return rows[0]?.tries ?? 0;
}

const COUNT = `select coalesce(sum(greatest(tries - 1, 0)), 0)::int as tries from delivery where split_part(event_key, '/', 2) <> $1`;
