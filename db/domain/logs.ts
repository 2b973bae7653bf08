import { eventKeyOf, type EventTable } from './event-row';

/** Which agent used which canned message in which chat: one row per use. */
export const cannedMessageUses: EventTable<'CannedMessage.UseLog'> = {
  table: 'canned_message_use',
  rowsOf: (event) => [
    {
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      chat_id: event.data.chatId,
      agent_id: event.data.agentId,
      canned_message_id: event.data.cannedMessageId,
      used_at: event.data.at ?? event.receivedAt,
      extra: event.data.extra,
    },
  ],
};

/** Messages of agents to each other: one row per message. */
export const privateMessages: EventTable<'PrivateMessage.Log'> = {
  table: 'private_message',
  rowsOf: (event) =>
    event.data.messages.map((message, position) => ({
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      position,
      from_agent_id: message.fromAgentId,
      to_agent_id: message.toAgentId,
      sent_at: message.at ?? event.receivedAt,
      content: message.content,
      attachment_id: message.attachmentId,
      extra: message.extra,
    })),
};

/** How many visitors waited in which department: one row per entry. */
export const chatQueueLogs: EventTable<'ChatQueue.Log'> = {
  table: 'chat_queue_log',
  rowsOf: (event) =>
    event.data.entries.map((entry, position) => ({
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      position,
      department_id: entry.departmentId,
      queue_length: entry.queueLength,
      logged_at: entry.at ?? event.receivedAt,
      extra: entry.extra,
    })),
};

/** The changes of agents' status: one row per change. */
export const agentStatusLogs: EventTable<'AgentStatus.Log'> = {
  table: 'agent_status_log',
  rowsOf: (event) => [
    {
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      agent_id: event.data.agentId,
      status: event.data.status,
      changed_at: event.data.at ?? event.receivedAt,
      extra: event.data.extra,
    },
  ],
};

/** The invitations that agents sent: one row each. */
export const manualInvitations: EventTable<'ManualInvitation.Log'> = {
  table: 'manual_invitation',
  rowsOf: (event) =>
    event.data.entries.map((entry, position) => ({
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      position,
      agent_id: entry.agentId,
      status: entry.status,
      transcript_type: entry.transcriptType,
      transcript_id: entry.transcriptId,
      message: entry.message,
      received_at: event.receivedAt,
      extra: entry.extra,
    })),
};
