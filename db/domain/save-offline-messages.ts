import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const offlineMessages = appendOnly('offline_message', [
  'event_key',
  'site_id',
  'received_at',
  'visitor_id',
  'session_id',
  'source_chat_id',
  'campaign_id',
  'ticket_id',
  'route_to_type',
  'route_to_id',
  'chat_source',
  'auto_invitation_id',
  'contact_name',
  'contact_company',
  'contact_phone',
  'contact_email',
  'product_service',
  'title',
  'content',
  'request_page_title',
  'request_page_url',
  'country',
  'city',
  'time_zone',
  'language',
  'segment_ids',
  'is_integration_enabled',
  'custom_fields',
  'custom_variables',
  'extra',
]);

const attachments = appendOnly('offline_message_attachment', [
  'event_key',
  'position',
  'site_id',
  'name',
  'size',
  'sha256',
]);

/** Saves offline messages and what files came with them; the bytes are in the table `attachment`. */
export async function saveOfflineMessages(
  tx: Tx,
  events: readonly ChatEvent<'OfflineMessage.Submit'>[],
): Promise<void> {
  await offlineMessages.insert(tx, events.map(messageRow));
  await attachments.insert(tx, events.flatMap(attachmentRows));
}

function messageRow(event: ChatEvent<'OfflineMessage.Submit'>) {
  const { data } = event;
  return {
    event_key: keyOf(event),
    site_id: event.siteId,
    received_at: event.receivedAt,
    visitor_id: data.visitor.id,
    session_id: data.sessionId,
    source_chat_id: data.sourceChatId,
    campaign_id: data.campaignId,
    ticket_id: data.ticketId,
    route_to_type: data.routeToType,
    route_to_id: data.routeToId,
    chat_source: data.chatSource,
    auto_invitation_id: data.autoInvitationId,
    contact_name: data.contact.name,
    contact_company: data.contact.company,
    contact_phone: data.contact.phone,
    contact_email: data.contact.email,
    product_service: data.contact.productService,
    title: data.title,
    content: data.content,
    request_page_title: data.requestPageTitle,
    request_page_url: data.requestPageUrl,
    country: data.visitor.country,
    city: data.visitor.city,
    time_zone: data.visitor.timeZone,
    language: data.visitor.language,
    segment_ids: data.visitor.segmentIds,
    is_integration_enabled: data.isIntegrationEnabled,
    custom_fields: data.customFields,
    custom_variables: data.customVariables,
    extra: data.extra,
  };
}

function attachmentRows(event: ChatEvent<'OfflineMessage.Submit'>) {
  return event.data.attachments.map(({ name, size, sha256 }, position) => ({
    event_key: keyOf(event),
    position,
    site_id: event.siteId,
    name,
    size,
    sha256,
  }));
}
