import type { Attachment } from '../events/attachment';
import type { Owner } from './owner';
import type { Session } from './tx';

/** An event in its internal form, with its deliveries, as it is recorded. */
export interface NewEvent {
  readonly key: string;
  readonly type: string;
  readonly siteId: string;
  readonly id: string;
  readonly receivedAt: string;
  readonly data: unknown;
  readonly contentHash: string;
  /** Deliveries that a filter of a subscription, or the list of event types of a connection, holds back. Default: none. */
  readonly filteredCount?: number;
  readonly deliveries: readonly NewDelivery[];
  readonly attachments: readonly Attachment[];
  /** Hashes of the ids by which it is found; null = they are filled in later. Default null. */
  readonly ids?: readonly string[] | null;
}

export interface NewDelivery {
  readonly id: string;
  readonly dataQueue: string;
  /** The data queue, or data queue#n for its nth connection. */
  readonly label: string;
  readonly consumer: string;
  readonly connectionId: string | null;
  /** Why it is parked from the start; null = pending. */
  readonly parked: { readonly type: string; readonly message: string } | null;
  /** True = its effect is written in this transaction. Default false. */
  readonly delivered?: boolean;
}

/**
 * Inserts the events whose keys are new, each with its deliveries and attachments, in one statement (one more if there are
 * attachments). Rows are inserted in order of key, so that concurrent calls cannot deadlock.
 *
 * @returns the keys that were new
 */
export async function insertEvents(session: Session, events: readonly NewEvent[], owner: Owner): Promise<string[]> {
  const deliveries = events.flatMap((event) =>
    event.deliveries.map((d) => ({ ...d, key: event.key, site: event.siteId })),
  );
  const { rows } = await session.query<{ key: string }>(INSERT_EVENTS, [
    JSON.stringify(
      events.map(({ deliveries: own, attachments: _bytes, ...event }) => ({ ...event, count: own.length })),
    ),
    JSON.stringify(deliveries),
    owner.cluster,
    owner.workflowId,
    session.overdueAfterSeconds,
  ]);
  const added = new Set(rows.map((row) => row.key));
  const attachments = events.flatMap(({ key, attachments: own }) =>
    added.has(key) ? own.map((attachment) => ({ key, ...attachment })) : [],
  );
  if (attachments.length > 0) {
    await session.query(INSERT_ATTACHMENTS, [
      attachments.map((a) => a.key),
      attachments.map((a) => a.position),
      attachments.map((a) => a.name),
      attachments.map((a) => a.content.byteLength),
      // pg sends a Buffer as bytes; in an array it would send each as hexadecimal text of twice the size.
      Buffer.concat(attachments.map((a) => a.content)),
    ]);
  }
  return [...added];
}

const INSERT_EVENTS = `
with added as (
  insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, filtered_count, cluster, workflow_id, ids)
  select e.key, e.type, e."siteId", e.id, e."receivedAt", e.data, e."contentHash", e.count, coalesce(e."filteredCount", 0), $3, $4,
         e.ids
  from jsonb_to_recordset($1::jsonb) as e(key text, type text, "siteId" text, id text, "receivedAt" timestamptz,
                                          data jsonb, "contentHash" text, count int, "filteredCount" int, ids uuid[])
  where not exists (select from erased_event x where x.key = e.key)
  order by e.key collate "C"
  on conflict (key) do nothing
  returning key
), routed as (
  insert into delivery (id, event_key, data_queue, label, consumer, site_id, connection_id, state, tries,
                        failure_type, failure_message, owner_cluster, owner_workflow_id, look_at, settled_at)
  select d.id, d.key, d."dataQueue", d.label, d.consumer, d.site, d."connectionId",
         case when d.delivered then 'delivered' when d.parked is null then 'pending' else 'parked' end,
         case when d.delivered then 1 else 0 end,
         d.parked->>'type', d.parked->>'message', $3, $4,
         case when d.delivered or d.parked->>'type' = 'Paused' then 'infinity'
              when d.parked is null then now() + $5::float8 * interval '1 second' else now() + interval '1 hour' end,
         case when d.delivered or d.parked is not null then now() end
  from jsonb_to_recordset($2::jsonb) as d(id uuid, key text, "dataQueue" text, label text, consumer text, site text,
                                          "connectionId" uuid, parked jsonb, delivered boolean)
  join added on added.key = d.key
)
select key from added`;

const INSERT_ATTACHMENTS = `
insert into attachment (event_key, position, name, size, sha256, content)
select key, position, name, size, encode(sha256(content), 'hex'), content
from (
  select a.*, substring($5::bytea from (sum(size) over (order by at))::int - size + 1 for size) as content
  from unnest($1::text[], $2::int[], $3::text[], $4::int[]) with ordinality as a(key, position, name, size, at)
) a`;
