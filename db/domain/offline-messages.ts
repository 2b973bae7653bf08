import { eventKeyOf, type EventTable } from './event-row';

export const offlineMessages: EventTable<'OfflineMessage.Submit'> = {
  table: 'offline_message',
  rowsOf: (event) => {
    const { data } = event;
    return [
      {
        event_key: eventKeyOf(event),
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
      },
    ];
  },
};

/** The files that came with offline messages; their bytes are in the table `attachment`. */
export const offlineMessageAttachments: EventTable<'OfflineMessage.Submit'> = {
  table: 'offline_message_attachment',
  rowsOf: (event) =>
    event.data.attachments.map(({ name, size, sha256 }, position) => ({
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      position,
      name,
      size,
      sha256,
    })),
};
