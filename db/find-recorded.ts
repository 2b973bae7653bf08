import type { Tx } from './tx';

export interface FoundKey {
  readonly key: string;
  readonly answer: 'recorded' | 'refused';
}

/** How each key is known; unknown keys are left out. A key that is recorded and refused counts as recorded, and so does an erased one. */
export async function findRecorded(tx: Tx, keys: readonly string[]): Promise<FoundKey[]> {
  const { rows } = await tx.query<FoundKey>(FIND_RECORDED, [keys]);
  return rows;
}

const FIND_RECORDED = `
select k.key, case when e.key is null and x.key is null then 'refused' else 'recorded' end as answer
from unnest($1::text[]) as k (key)
left join event e on e.key = k.key
left join erased_event x on x.key = k.key
where e.key is not null or x.key is not null or exists (select from refused_event r where r.key = k.key)`;
