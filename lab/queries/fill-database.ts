import type { Pool } from 'pg';
import { inTransaction, type Tx } from '../../db/tx';

/** In one statement. */
const AT_ONCE = 50_000;

/** Half of the events are of this site, the others of 99 sites. */
export const LARGE_SITE = '10001';

/** Ids of the nth chat, visitor and record at Salesforce. */
export const chatId = (n: number): string => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
export const recordId = (n: number): string => `500A1${String(n).padStart(13, '0')}`;

/**
 * Fills a database as a year may leave it: so many chats that have ended, the first the oldest, each with one delivery that wrote a record, and the
 * rows of its chat, visitor and rating. One in a hundred deliveries is parked, and one is pending.
 *
 * @param there events that an earlier call has made
 * @param onProgress how many there are
 */
export async function fillDatabase(
  pool: Pool,
  { there, events }: { readonly there: number; readonly events: number },
  onProgress: (done: number) => void,
): Promise<void> {
  for (let from = there; from < events; from += AT_ONCE) {
    const until = Math.min(events, from + AT_ONCE) - 1;
    await inTransaction(pool, async (tx) => {
      for (const statement of FILL) await tx.query(statement, [from, until, LARGE_SITE]);
    });
    onProgress(until + 1);
  }
  await pool.query('vacuum analyze');
}

/** Gives the event of the nth chat the hashes by which it is found. */
export async function setIds(tx: Tx, n: number, hashes: readonly string[]): Promise<void> {
  await tx.query('update event set ids = $2 where id = $1', [chatId(n), hashes]);
}

const MADE = `
with made as (
  select n, site, id, 'Chat.Ended/' || site || '/' || id as key, now() - make_interval(secs => (2000000 - n) * 2) as at
  from generate_series($1::int, $2::int) n,
  lateral (select case n % 2 when 0 then $3::text else (20000 + n % 199)::text end as site,
                  lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000' as id) i
)`;

const FILL = [
  `${MADE}
insert into event (key, type, site_id, id, received_at, recorded_at, data, content_hash, delivery_count, cluster, workflow_id, ids)
select key, 'Chat.Ended', site, id, at, at, jsonb_build_object('chatId', id, 'visitorId', id, 'transcript', repeat(md5(n::text), 12)),
  md5(n::text), 1, 'main', key, array[md5('chat' || n)::uuid, md5('visitor' || n)::uuid, md5('email' || n)::uuid] from made`,
  `${MADE}
insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, tries, owner_cluster, owner_workflow_id, due_at, look_at,
  created_at, settled_at, failure_type, failure_message, receipt)
select md5('delivery' || n)::uuid, key, 'Chat.Ended.Salesforce', 'Chat.Ended.Salesforce', 'salesforce', site,
  case n % 100 when 98 then 'pending' when 99 then 'parked' else 'delivered' end, 1, 'main', key, now() + interval '1 hour', now() + interval '1 day',
  at, case n % 100 when 98 then null else at end, case n % 100 when 99 then 'Rejected' end, case n % 100 when 99 then 'no' end,
  case when n % 100 < 98 then jsonb_build_object('ids', jsonb_build_object('case', '500A1' || lpad(n::text, 13, '0'))) end from made`,
  `${MADE}
insert into chat (site_id, chat_id, event_key, received_at, visitor_id, contact_email, ended_at, custom_fields, custom_variables)
select site, id, key, at, id, 'visitor' || n || '@person.example', at, '{}', '{}' from made`,
  `${MADE}
insert into visitor (site_id, visitor_id, event_key, received_at, last_known_email, identity_event_key)
select site, id, key, at, 'visitor' || n || '@person.example', key from made`,
  `${MADE}
insert into chat_rating (site_id, chat_id, event_key, received_at, grade) select site, id, key, at, 5 from made`,
  `${MADE}
insert into chat_wrapup (site_id, chat_id, comment_event_key, comment_received_at) select site, id, key, at from made`,
];
