import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { saveChatLists } from './chat-lists';
import { returningWinners, type Winner } from './child-rows';
import { eventKeyOf, type Row } from './event-row';
import { columnsOf, lastWrite } from './last-write';

type Event = ChatEvent<'Chat.Ended'>;

const identity = ['site_id', 'chat_id'] as const;

/** Of every call, as the first one has made it. */
let text: string | undefined;

/**
 * Saves chats with their messages, transfers, attachments and bot actions. Of several events about one chat the latest wins, with
 * its lists.
 */
export async function saveChats(tx: Tx, events: readonly Event[]): Promise<void> {
  const rows = events.map(chatRow);
  const [first] = rows;
  if (first === undefined) return;
  text ??= `${lastWrite('chat', identity, [{ columns: columnsOf(first, identity) }])}
${returningWinners('chat', identity)}`;
  const { rows: winners } = await tx.query<Winner<(typeof identity)[number]>>(text, [JSON.stringify(rows)]);
  await saveChatLists(tx, winners, events);
}

function chatRow(event: Event): Row {
  const { chat, visitor } = event.data;
  return {
    event_key: eventKeyOf(event),
    site_id: event.siteId,
    chat_id: chat.chatId,
    received_at: event.receivedAt,
    session_id: chat.sessionId,
    visitor_id: visitor?.id,
    agent_ids: chat.agentIds,
    department_id: chat.preChat.departmentId,
    department_name: chat.preChat.departmentName,
    requested_at: chat.requestedAt,
    started_at: chat.startedAt,
    ended_at: chat.endedAt,
    contact_name: chat.contact.name,
    contact_company: chat.contact.company,
    contact_phone: chat.contact.phone,
    contact_email: chat.contact.email,
    product_service: chat.contact.productService,
    transcript: chat.transcript,
    social_media_source: chat.socialMediaSource,
    social_media_source_text: chat.socialMediaSourceText,
    social_profile_url: chat.socialProfileUrl,
    chat_type: chat.chatType,
    chat_source: chat.chatSource,
    missed_chat_status: chat.missedChatStatus,
    has_audio_chat: chat.hasAudioChat,
    has_video_chat: chat.hasVideoChat,
    has_entered_queue: chat.hasEnteredQueue,
    visitor_message_count: chat.visitorMessageCount,
    agent_message_count: chat.agentMessageCount,
    agent_avg_response_time: chat.agentAvgResponseTime,
    last_message_sent_by: chat.lastMessageSentBy,
    is_new_ticket: chat.isNewTicket,
    ticket_id: chat.ticketId,
    request_page_title: chat.requestPageTitle,
    request_page_url: chat.requestPageUrl,
    country: visitor?.country,
    city: visitor?.city,
    time_zone: visitor?.timeZone,
    language: visitor?.language,
    segment_ids: visitor?.segmentIds ?? [],
    cobrowse_status: chat.cobrowse?.status,
    cobrowse_started_at: chat.cobrowse?.startedAt,
    cobrowse_ended_at: chat.cobrowse?.endedAt,
    custom_fields: chat.customFields,
    custom_variables: chat.customVariables,
    extra: chat.extra,
  };
}
