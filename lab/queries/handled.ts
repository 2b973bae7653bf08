import type { Tx } from '../../db/tx';

/** The table in which a team without the product's rows would note its sends. */
export async function createHandled(tx: Tx): Promise<void> {
  await tx.query('create table if not exists handled (id uuid primary key, at timestamptz not null default now())', []);
}

/** @returns those of the ids that are noted */
export async function readHandled(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>('select id from handled where id = any($1::uuid[])', [ids]);
  return rows.map(({ id }) => id);
}

/** Notes the ids; those that are noted stay as they are. */
export async function markHandled(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.query('insert into handled (id) select unnest($1::uuid[]) on conflict do nothing', [ids]);
}
