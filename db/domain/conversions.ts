import type { ChatEvent } from '../../events/catalogue';
import { eventKeyOf, type EventTable } from './event-row';

/** Acts of visitors that the site counts: one row each. */
export const conversions: EventTable<'Conversion.Log'> = {
  table: 'conversion',
  rowsOf: (event) =>
    event.data.entries.map((entry, position) => ({
      event_key: eventKeyOf(event),
      site_id: event.siteId,
      position,
      entry_id: entry.id,
      conversion_id: entry.conversionId,
      conversion_name: entry.conversionName,
      visitor_id: entry.visitorId,
      cookie_identity_id: entry.cookieIdentityId,
      chat_id: entry.chatId,
      department_id: entry.departmentId,
      current_chat_id: entry.currentChatId,
      current_department_id: entry.currentDepartmentId,
      attribution: entry.attribution,
      ...attributed(entry),
      related_agent_id: entry.relatedAgentId,
      append_info: entry.appendInfo,
      amount: entry.amount,
      converted_at: entry.createdAt ?? event.receivedAt,
      is_added_to_database: entry.isAddedToDatabase,
      extra: entry.extra,
    })),
};

/** The pair that ConversionAccelerateType picks; an unknown type picks none. */
function attributed(entry: ChatEvent<'Conversion.Log'>['data']['entries'][number]) {
  const { attribution } = entry;
  if (attribution === 'firstChat') {
    return { attributed_chat_id: entry.chatId, attributed_department_id: entry.departmentId };
  }
  if (attribution === 'lastChat') {
    return { attributed_chat_id: entry.currentChatId, attributed_department_id: entry.currentDepartmentId };
  }
  return { attributed_chat_id: null, attributed_department_id: null };
}
