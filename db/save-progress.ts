import { LOCK_IN_ORDER } from './fragments';
import { jsonText } from './json-text';
import type { Tx } from './tx';

/** The parts of a delivery that an attempt has done. */
export interface Progress {
  readonly id: string;
  readonly done: Readonly<Record<string, unknown>>;
}

/**
 * Adds to the progress of deliveries, each once in the list. Parts that are done stay done, even if another attempt holds the row.
 *
 * @returns the ids of the deliveries that exist
 */
export async function saveProgress(tx: Tx, progress: readonly Progress[]): Promise<string[]> {
  const values = [jsonText(progress), progress.map(({ id }) => id)];
  return (await tx.query<{ id: string }>(SAVE_PROGRESS, values)).rows.map(({ id }) => id);
}

const SAVE_PROGRESS = `
with p as (
  select p.* from jsonb_to_recordset($1::jsonb) as p(id uuid, done jsonb) join delivery d on d.id = p.id
  where d.id = any($2::uuid[]) ${LOCK_IN_ORDER}
)
update delivery d set progress = coalesce(d.progress, '{}') || p.done from p where d.id = p.id returning d.id`;
