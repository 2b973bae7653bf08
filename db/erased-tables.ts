/** Rows that an erasure removes, or empties. */
export interface ErasedRows {
  readonly table: string;
  /** $1 = keys of events; of the table as `t`. */
  readonly where: string;
  /** The columns with the events that fill a row, where these alone say whether it goes. */
  readonly columns?: readonly string[];
  /** The assignments of an `update` that takes the data out of rows which stay. Undefined: the rows are deleted. */
  readonly update?: string;
}

const byKey = (table: string, ...columns: string[]): ErasedRows => ({
  table,
  columns,
  where: columns.map((column) => `t.${column} = any ($1::text[])`).join(' or '),
});

/** Before the rows of the tables, so that no attempt writes any of them afterwards. */
export const OF_EVENTS: readonly ErasedRows[] = [
  byKey('delivery', 'event_key'),
  byKey('attachment', 'event_key'),
  byKey('event', 'key'),
  byKey('refused_event', 'key'),
];

/** Rows that refer to a row go with it. */
export const OF_TABLES: readonly ErasedRows[] = [
  byKey('chat_message', 'event_key'),
  byKey('chat_transfer', 'event_key'),
  byKey('chat_attachment', 'event_key'),
  byKey('chat_bot_action', 'event_key'),
  byKey('chat', 'event_key'),
  byKey('visitor', 'event_key', 'identity_event_key'),
  byKey('chat_rating', 'event_key', 'form_event_key'),
  byKey('chat_wrapup', 'event_key', 'comment_event_key'),
  byKey('offline_message', 'event_key'),
  byKey('canned_message_use', 'event_key'),
  byKey('private_message', 'event_key'),
  byKey('chat_queue_log', 'event_key'),
  byKey('agent_status_log', 'event_key'),
  byKey('auto_invitation_log', 'event_key'),
  byKey('manual_invitation', 'event_key'),
  byKey('visit_log', 'event_key'),
  byKey('conversion', 'event_key'),
  byKey('agent_preference', 'event_key'),
  byKey('agent_ban', 'event_key'),
  byKey('ticket_message', 'event_key'),
  {
    table: 'ticket',
    where: `t.event_key = any ($1::text[])
      and not exists (select from ticket_message m where m.site_id = t.site_id and m.ticket_number = t.number)`,
  },
  // It has messages of other events.
  { ...byKey('ticket', 'event_key'), update: `subject = '(erased)', requester_email = null` },
  {
    table: 'ticket_requester',
    where: `t.event_key = any ($1::text[])
      and not exists (select from ticket o where o.site_id = t.site_id and o.requester_email = t.email)`,
  },
  // They have tickets of other events.
  { ...byKey('ticket_requester', 'event_key'), update: 'name = null, phone = null, company = null' },
];

/** Tables whose rows later events replace, in the order in which saveEvents writes them, each with its key. */
const REPLACED: readonly [table: string, id: string, ...columns: string[]][] = [
  ['chat', 'chat_id', 'event_key'],
  ['visitor', 'visitor_id', 'event_key', 'identity_event_key'],
  ['chat_rating', 'chat_id', 'event_key', 'form_event_key'],
  ['chat_wrapup', 'chat_id', 'event_key', 'comment_event_key'],
  ['agent_preference', 'agent_id', 'event_key'],
];

/** Locks the rows of events as saveEvents does, so that no deletion and no attempt wait for each other in a circle. */
export const LOCK_ROWS: readonly string[] = REPLACED.map(
  ([table, id, ...columns]) =>
    `select from ${table} t where ${byKey(table, ...columns).where} order by t.site_id, t.${id} for update`,
);

/** Tables whose rows name the event that they come from. */
export const ERASED_TABLES: readonly string[] = [...new Set([...OF_EVENTS, ...OF_TABLES].map(({ table }) => table))];

/** Rows that refer to a row go with it. */
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
