import type { Tx } from '../../db/tx';

/** The sweep looks at each parked delivery once in so long: their next looks are spread over it. */
const LOOK_EVERY = "interval '1 hour'";

/** Recorded events of twenty sites, each with one parked delivery that the event's own workflow on main owns. @returns their keys */
export async function parkEvents(tx: Tx, count: number): Promise<string[]> {
  return (await tx.query<{ key: string }>(PARK, [count])).rows.map(({ key }) => key);
}

const PARK = `
with made as (
  insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
  select 'Agent.Ban/' || 30000 + n % 20 || '/parked-' || n, 'Agent.Ban', 30000 + n % 20, 'parked-' || n, now(), '{}', 'hash', 1, 'main', 'none'
  from generate_series(1, $1::int) n returning key, site_id
), parked as (
  insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, tries, owner_cluster, owner_workflow_id, look_at,
                        settled_at, failure_type, failure_message)
  select gen_random_uuid(), key, 'Agent.Ban', 'Agent.Ban', 'persistence', site_id, 'parked', 1, 'main', key,
         now() + random() * ${LOOK_EVERY}, now(), 'Rejected', 'SQLSTATE 23514' from made
)
select key from made`;
