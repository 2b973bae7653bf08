import type { Tx } from '../../db/tx';

/** Rows that one event left in the table of a data queue. */
export interface EventRows {
  readonly dataQueue: string;
  readonly eventKey: string;
  readonly rows: number;
}

/** A row that the latest of several events wins: the chat, its rating, ... */
export interface LatestRow {
  readonly dataQueue: string;
  readonly siteId: string;
  /** Chat or agent. */
  readonly subject: string;
  /** The event that the row shows. */
  readonly eventKey: string;
  readonly receivedAt: Date;
}

/** Data queues whose rows the latest event wins, with table, column of the subject, and columns of the event that is shown. */
const latestTables: Readonly<Record<string, readonly [table: string, subject: string, key: string, at: string]>> = {
  'Chat.Ended.Persistence': ['chat', 'chat_id', 'event_key', 'received_at'],
  'Visitor.Rating': ['chat_rating', 'chat_id', 'form_event_key', 'form_received_at'],
  'Agent.Wrapup': ['chat_wrapup', 'chat_id', 'event_key', 'received_at'],
  'Agent.SavePreference': ['agent_preference', 'agent_id', 'event_key', 'received_at'],
};

/** A visit and an invitation count as found only where the sum of their day has them too. */
const inSum = (sums: string, columns: readonly string[]): string =>
  `exists (select from ${sums} s where s.site_id = e.site_id${columns.map((name) => ` and s.${name} = coalesce(e.${name}, '')`).join('')})`;

/** Data queues of which each event has rows of its own, with their table and which of its rows count. */
const eventTables: Readonly<Record<string, readonly [table: string, where?: string]>> = {
  'OfflineMessage.Submit.Persistence': ['offline_message'],
  'Chat.Ended.Ticket': ['ticket_message', `kind = 'transcript'`],
  'OfflineMessage.Submit.Ticket': ['ticket_message', `kind <> 'transcript'`],
  'CannedMessage.UseLog': ['canned_message_use'],
  'PrivateMessage.Log': ['private_message'],
  'ChatQueue.Log': ['chat_queue_log'],
  'AgentStatus.Log': ['agent_status_log'],
  'AutoInvitation.Log': ['auto_invitation_log', inSum('auto_invitations_per_day', ['campaign_id', 'invitation_id'])],
  'ManualInvitation.Log': ['manual_invitation'],
  'Visit.Log': ['visit_log', inSum('visits_per_day', ['campaign_id'])],
  'Conversion.Log': ['conversion'],
  'Agent.Ban': ['agent_ban'],
};

const PER_EVENT = Object.entries(eventTables)
  .map(
    ([dataQueue, [table, where = 'true']]) =>
      `select '${dataQueue}' as "dataQueue", event_key as "eventKey", count(*)::int as rows from ${table} e where ${where} group by event_key`,
  )
  .join('\nunion all\n');

const LATEST = Object.entries(latestTables)
  .map(
    ([dataQueue, [table, subject, key, at]]) =>
      `select '${dataQueue}' as "dataQueue", site_id as "siteId", ${subject} as subject, ${key} as "eventKey", ${at} as "receivedAt" from ${table} where ${key} is not null`,
  )
  .join('\nunion all\n');

/** The content of the domain tables and our tickets, read from them alone. For databases of a demo or a drill, not for production. */
export async function findEffects(tx: Tx): Promise<{ perEvent: EventRows[]; latest: LatestRow[] }> {
  const { rows: perEvent } = await tx.query<EventRows>(PER_EVENT);
  const { rows: latest } = await tx.query<LatestRow>(LATEST);
  return { perEvent, latest };
}

/** True for the data queues whose effects are in tables of ours. */
export const isInTable = (dataQueue: string): boolean => dataQueue in latestTables || dataQueue in eventTables;

/**
 * Removes the rows of an event from the table of a data queue, behind the product's back: its delivery still says delivered. It shows
 * that an account of losses looks at the destinations.
 */
export async function removeEffect(tx: Tx, dataQueue: string, eventKey: string): Promise<void> {
  const [table = eventTables[dataQueue]?.[0] ?? '', , key = 'event_key'] = latestTables[dataQueue] ?? [];
  await tx.query(`delete from ${table} where ${key} = $1`, [eventKey]);
}
