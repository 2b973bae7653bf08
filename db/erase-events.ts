import { LOCK_IN_ORDER } from './fragments';
import { asValue } from './list-refused';
import type { Tx } from './tx';

/** Events of one person at a site, or all of the site. */
export interface ErasedPart {
  readonly siteId: string;
  /** Hashes of the person's ids; null = all events of the site. */
  readonly hashes: readonly string[] | null;
}

export interface EventToErase {
  readonly key: string;
  readonly type: string;
  readonly data: unknown;
}

/** Events of the part that are still recorded, at most `limit`, in order of key. */
export async function findEventsToErase(
  tx: Tx,
  { siteId, hashes }: ErasedPart,
  limit: number,
): Promise<EventToErase[]> {
  const where = hashes === null ? ALL_OF_SITE : SOME_OF_SITE;
  return (await tx.query<EventToErase>(where, hashes === null ? [siteId, limit] : [siteId, limit, hashes])).rows;
}

const ALL_OF_SITE = 'select key, type, data from event where site_id = $1 order by received_at limit $2';
// Apart, so that the order does not lead the planner through all events by key.
const SOME_OF_SITE = `
with named as materialized (select key from event where site_id = $1 and ids && $3::uuid[])
select e.key, e.type, e.data from event e join (select key from named order by key limit $2) s on s.key = e.key order by e.key`;

export interface EraseScope {
  /** Id of the erasure. */
  readonly erasure: string;
  readonly siteId: string;
  /** Names of all clusters. */
  readonly clusters: readonly string[];
  /** True = eraseOfSite removes the rows of the tables later. Default false. */
  readonly isWholeSite?: boolean;
}

/** What was done with one batch of events; counts are of rows. */
export interface ErasedBatch {
  readonly rows: Readonly<Record<string, number>>;
  /** Records that lie at destinations: what the site has to delete there. */
  readonly left: readonly { readonly consumer: string; readonly connectionId: string; readonly ids: unknown }[];
}

/**
 * Removes events with all rows that they have made, and remembers their keys, so that no workflow and no journal brings them back.
 * Their workflows, also those of their batches, are noted for each cluster: the sweep deletes them.
 *
 * @param tx a transaction
 * @param clusters all that there are
 */
export async function eraseEvents(
  tx: Tx,
  keys: readonly string[],
  { erasure, siteId, clusters, isWholeSite = false }: EraseScope,
): Promise<ErasedBatch> {
  await tx.query(LOCK_EVENTS, [keys]);
  await tx.query(LOCK_DELIVERIES, [keys]);
  const { rows: left } = await tx.query<ErasedBatch['left'][number]>(LEFT, [keys]);
  await tx.query(REMEMBER, [keys, erasure]);
  await tx.query(NOTE_WORKFLOWS, [keys, erasure, clusters]);
  const counts: Record<string, number> = {};
  for (const [table, statement] of isWholeSite ? OF_EVENTS : [...OF_EVENTS, ...OF_TABLES]) {
    const values = statement.includes('$2') ? [keys, siteId] : [keys];
    const { rowCount } = await tx.query(statement, values);
    if (rowCount) counts[table] = (counts[table] ?? 0) + rowCount;
  }
  return { rows: counts, left };
}

// In the order of retention and of attempts, so that none waits for the other for ever; what an attempt writes meanwhile is seen then.
const LOCK_EVENTS = 'select from event where key = any ($1::text[]) order by key collate "C" for update';
const LOCK_DELIVERIES = `select from delivery d where d.event_key = any ($1::text[]) ${LOCK_IN_ORDER}`;

const LEFT = `
select consumer, connection_id as "connectionId",
  coalesce(receipt -> 'ids', receipt -> 'messageIds', jsonb_build_object('webhook-id of', event_key)) as ids
from delivery where event_key = any ($1::text[]) and state = 'delivered' and connection_id is not null
and receipt -> 'skipped' is null order by event_key, label`;

const REMEMBER = `
insert into erased_event (key, erasure) select key, $2::uuid from unnest($1::text[]) as key order by key
on conflict (key) do nothing`;

const NOTE_WORKFLOWS = `
insert into erased_workflow (cluster, workflow_id, erasure)
select cluster, id, $2::uuid from (
  select key as id from unnest($1::text[]) as key
  union select workflow_id from event where key = any ($1::text[])
  union select owner_workflow_id from delivery where event_key = any ($1::text[])
  union select workflow_id from refused_event where key = any ($1::text[])
) w, unnest($3::text[]) as cluster order by 1, 2
on conflict (cluster, workflow_id, erasure) do nothing`;

const byKey = (table: string, ...columns: string[]): [string, string] => [
  table,
  `delete from ${table} where ${columns.map((column) => `${column} = any ($1::text[])`).join(' or ')}`,
];

/** Of a table that has no index by event. */
const byKeyAtSite = (table: string, ...columns: string[]): [string, string] => [
  table,
  `delete from ${table} where site_id = $2 and (${columns.map((column) => `${column} = any ($1::text[])`).join(' or ')})`,
];

/**
 * Removes refused inputs: by key, by a value in them, or all of the site. An input whose site cannot be read is searched, too.
 *
 * @returns how many
 */
export async function eraseRefused(
  tx: Tx,
  { erasure, siteId, clusters, text, isKey }: EraseScope & { readonly text: string | null; readonly isKey: boolean },
): Promise<number> {
  const pattern = text === null || isKey ? null : asValue(text);
  const values = [siteId, pattern, isKey ? text : null, erasure, clusters];
  return (await tx.query<{ n: number }>(ERASE_REFUSED, values)).rows[0]?.n ?? 0;
}

const ERASE_REFUSED = `
with gone as (
  delete from refused_event
  where case when $3::text is not null then key = $3
             when $2::text is not null then (site_id = $1 or site_id is null) and convert_from(raw, 'UTF8') ~* $2
             else site_id = $1 end
  returning workflow_id, key
), noted as (
  insert into erased_workflow (cluster, workflow_id, erasure)
  select distinct cluster, id, $4::uuid from gone, lateral (values (workflow_id), (key)) as w (id), unnest($5::text[]) as cluster
  where id is not null
  on conflict (cluster, workflow_id, erasure) do nothing
), remembered as (
  insert into erased_event (key, erasure)
  select distinct key, $4::uuid from gone where key is not null and not exists (select from event e where e.key = gone.key)
  on conflict (key) do nothing
)
select count(*) as n from gone`;

/** Removes some of the rows that are left in a table of a site once its events are gone. @returns how many */
export async function eraseOfSite(tx: Tx, table: string, siteId: string, limit: number): Promise<number> {
  const statement = `delete from ${table} where ctid = any (array(select ctid from ${table} where site_id = $1 limit $2))`;
  return (await tx.query(statement, [siteId, limit])).rowCount ?? 0;
}

/** What refers to a row goes with it. */
export const TABLES_OF_SITE = [
  'connection',
  'subscription',
  'chat',
  'visitor',
  'chat_rating',
  'chat_wrapup',
  'offline_message',
  'canned_message_use',
  'private_message',
  'chat_queue_log',
  'agent_status_log',
  'auto_invitation_log',
  'auto_invitations_per_day',
  'manual_invitation',
  'visit_log',
  'visits_per_day',
  'conversion',
  'agent_preference',
  'agent_ban',
  'ticket',
  'ticket_requester',
  'ticket_counter',
];

/** Before the rows of the tables, so that no attempt writes any of them afterwards. */
const OF_EVENTS: readonly (readonly [table: string, statement: string])[] = [
  ['delivery', 'delete from delivery where event_key = any ($1::text[])'],
  ['attachment', 'delete from attachment where event_key = any ($1::text[])'],
  ['event', 'delete from event where key = any ($1::text[])'],
  ['refused_event', 'delete from refused_event where key = any ($1::text[])'],
];

/** Rows that refer to a row go with it. */
const OF_TABLES: readonly (readonly [table: string, statement: string])[] = [
  byKey('chat_message', 'event_key'),
  byKey('chat_transfer', 'event_key'),
  byKey('chat_attachment', 'event_key'),
  byKey('chat_bot_action', 'event_key'),
  byKeyAtSite('chat', 'event_key'),
  byKeyAtSite('visitor', 'event_key', 'identity_event_key'),
  byKeyAtSite('chat_rating', 'event_key', 'form_event_key'),
  byKeyAtSite('chat_wrapup', 'event_key', 'comment_event_key'),
  byKey('offline_message', 'event_key'),
  byKey('canned_message_use', 'event_key'),
  byKey('private_message', 'event_key'),
  byKey('chat_queue_log', 'event_key'),
  byKey('agent_status_log', 'event_key'),
  byKey('auto_invitation_log', 'event_key'),
  byKey('manual_invitation', 'event_key'),
  byKey('visit_log', 'event_key'),
  byKey('conversion', 'event_key'),
  byKeyAtSite('agent_preference', 'event_key'),
  byKey('agent_ban', 'event_key'),
  byKey('ticket_message', 'event_key'),
  [
    'ticket',
    `delete from ticket t where t.site_id = $2 and t.event_key = any ($1::text[])
     and not exists (select from ticket_message m where m.site_id = t.site_id and m.ticket_number = t.number)`,
  ],
  [
    'ticket', // it has messages of other events
    `update ticket set subject = '(erased)', requester_email = null where site_id = $2 and event_key = any ($1::text[])`,
  ],
  [
    'ticket_requester',
    `delete from ticket_requester r where r.site_id = $2 and r.event_key = any ($1::text[])
     and not exists (select from ticket t where t.site_id = r.site_id and t.requester_email = r.email)`,
  ],
  [
    'ticket_requester', // they have tickets of other events
    `update ticket_requester set name = null, phone = null, company = null where site_id = $2 and event_key = any ($1::text[])`,
  ],
];

/** Tables whose rows name the event that they come from. */
export const ERASED_TABLES: readonly string[] = [...new Set([...OF_EVENTS, ...OF_TABLES].map(([table]) => table))];
