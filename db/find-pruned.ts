import type { Tx } from './tx';

/**
 * Keys of events of a person that only the tables still know: retention has deleted the ids of the event, or its tombstone.
 *
 * @param value as ids of its kind are compared
 */
export async function findPrunedOfPerson(
  tx: Tx,
  siteId: string,
  by: 'visitor' | 'email',
  value: string,
): Promise<string[]> {
  return (await tx.query<{ key: string }>(PRUNED_OF[by], [siteId, value])).rows.map(({ key }) => key);
}

const prunedOf = (chats: string, others: readonly string[]): string => `
with chats as materialized (
  select chat_id, event_key from chat where site_id = $1 and ${chats}
), known (key) as (
  select event_key from chats
  union all select unnest(array[r.event_key, r.form_event_key]) from chat_rating r join chats c on c.chat_id = r.chat_id where r.site_id = $1
  union all select unnest(array[w.event_key, w.comment_event_key]) from chat_wrapup w join chats c on c.chat_id = w.chat_id where w.site_id = $1
  union all select t.event_key from ticket t join chats c on c.chat_id = t.chat_id where t.site_id = $1
  ${others.map((select) => `union all ${select}`).join(' ')}
)
select distinct key from known
where key is not null and not exists (select from event e where e.key = known.key and e.pruned_at is null) order by key`;

const PRUNED_OF = {
  visitor: prunedOf('visitor_id = $2', [
    'select unnest(array[event_key, identity_event_key]) from visitor where site_id = $1 and visitor_id = $2',
    'select event_key from offline_message where site_id = $1 and visitor_id = $2',
    'select event_key from agent_ban where site_id = $1 and visitor_id = $2',
    'select event_key from conversion where site_id = $1 and visitor_id = $2',
  ]),
  email: prunedOf('lower(btrim(contact_email)) = $2', [
    'select identity_event_key from visitor where site_id = $1 and lower(btrim(last_known_email)) = $2',
    'select event_key from offline_message where site_id = $1 and lower(btrim(contact_email)) = $2',
    'select event_key from ticket_requester where site_id = $1 and email = $2',
    'select event_key from ticket where site_id = $1 and requester_email = $2',
    `select m.event_key from ticket t join ticket_message m on m.site_id = t.site_id and m.ticket_number = t.number
     where t.site_id = $1 and t.requester_email = $2 and lower(btrim(m.author_email)) = $2`,
  ]),
};
