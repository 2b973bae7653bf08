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

/** What the domain tables and our tickets hold, read from them alone. For databases of a demo or a drill, not for production. */
export async function findEffects(tx: Tx): Promise<{ perEvent: EventRows[]; latest: LatestRow[] }> {
  const { rows: perEvent } = await tx.query<EventRows>(PER_EVENT);
  const { rows: latest } = await tx.query<LatestRow>(LATEST);
  return { perEvent, latest };
}

/** A visit and an invitation count as found only where the sum of their day has them too. */
const PER_EVENT = `
select "dataQueue", event_key as "eventKey", count(*)::int as rows
from (
  select 'OfflineMessage.Submit.Persistence' as "dataQueue", event_key from offline_message
  union all select case kind when 'transcript' then 'Chat.Ended.Ticket' else 'OfflineMessage.Submit.Ticket' end, event_key
            from ticket_message
  union all select 'CannedMessage.UseLog', event_key from canned_message_use
  union all select 'PrivateMessage.Log', event_key from private_message
  union all select 'ChatQueue.Log', event_key from chat_queue_log
  union all select 'AgentStatus.Log', event_key from agent_status_log
  union all select 'AutoInvitation.Log', event_key from auto_invitation_log l
            where exists (select from auto_invitations_per_day s
                          where s.site_id = l.site_id and s.campaign_id = coalesce(l.campaign_id, '')
                            and s.invitation_id = coalesce(l.invitation_id, ''))
  union all select 'ManualInvitation.Log', event_key from manual_invitation
  union all select 'Visit.Log', event_key from visit_log l
            where exists (select from visits_per_day s
                          where s.site_id = l.site_id and s.campaign_id = coalesce(l.campaign_id, ''))
  union all select 'Conversion.Log', event_key from conversion
  union all select 'Agent.Ban', event_key from agent_ban
) as effect
group by "dataQueue", event_key`;

const LATEST = `
select 'Chat.Ended.Persistence' as "dataQueue", site_id as "siteId", chat_id as subject,
       event_key as "eventKey", received_at as "receivedAt"
from chat
union all
select 'Visitor.Rating', site_id, chat_id, form_event_key, form_received_at from chat_rating where form_event_key is not null
union all
select 'Agent.Wrapup', site_id, chat_id, event_key, received_at from chat_wrapup where event_key is not null
union all
select 'Agent.SavePreference', site_id, agent_id, event_key, received_at from agent_preference`;
