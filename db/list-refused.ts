import { isoTime } from './fragments';
import type { Tx } from './tx';

/** Which refused events to list. Times are ISO. */
export interface RefusedFilter {
  readonly siteId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface ListedRefusal {
  readonly refusedAt: string;
  /** Null where the input names none that can be read. */
  readonly key: string | null;
  /** Type and site that the input claims. */
  readonly type: string | null;
  readonly siteId: string | null;
  readonly cluster: string;
  readonly workflowId: string;
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
}

/** Events that could not be recorded, latest first, without their input. */
export async function listRefused(
  tx: Tx,
  { siteId, from, to }: RefusedFilter,
  limit: number,
): Promise<ListedRefusal[]> {
  return (await tx.query<ListedRefusal>(LIST_REFUSED, [siteId ?? null, from ?? null, to ?? null, limit])).rows;
}

const LIST_REFUSED = `
select ${isoTime('refused_at')} as "refusedAt", key, type,
  site_id as "siteId", cluster, workflow_id as "workflowId", problems
from refused_event
where ($1::text is null or site_id = $1)
and ($2::timestamptz is null or refused_at >= $2) and ($3::timestamptz is null or refused_at < $3)
order by refused_at desc limit $4`;
