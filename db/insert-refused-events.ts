import type { Tx } from './tx';
import type { Owner } from './owner';

/** An input that cannot be recorded. */
export interface RefusedEvent {
  /** The same for every try of one workflow with the same input, so that a repeat inserts nothing. */
  readonly id: string;
  readonly key: string | null;
  readonly type: string | null;
  readonly siteId: string | null;
  /** The problems by path, never with a value. */
  readonly problems: readonly { readonly path: string; readonly problem: string }[];
  /** The input as it came, as JSON. */
  readonly raw: Buffer;
  /** Place in the workflow's input list. */
  readonly position: number;
}

export async function insertRefusedEvents(tx: Tx, refused: readonly RefusedEvent[], owner: Owner): Promise<void> {
  await tx.query(INSERT_REFUSED, [
    refused.map((r) => r.id),
    refused.map((r) => r.key),
    refused.map((r) => r.type),
    refused.map((r) => r.siteId),
    refused.map((r) => JSON.stringify(r.problems)),
    refused.map((r) => r.raw),
    refused.map((r) => r.position),
    owner.cluster,
    owner.workflowId,
  ]);
}

const INSERT_REFUSED = `
insert into refused_event (id, key, type, site_id, problems, raw, position, cluster, workflow_id)
select r.*, $8, $9
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::bytea[], $7::int[]) as r
on conflict (id) do nothing`;
