import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const conversions = appendOnly('conversion', [
  'event_key',
  'position',
  'site_id',
  'entry_id',
  'conversion_id',
  'conversion_name',
  'visitor_id',
  'cookie_identity_id',
  'chat_id',
  'department_id',
  'current_chat_id',
  'current_department_id',
  'attribution',
  'attributed_chat_id',
  'attributed_department_id',
  'related_agent_id',
  'append_info',
  'amount',
  'converted_at',
  'is_added_to_database',
  'extra',
]);

/** Saves what visitors did that the site counts, one row each. */
export async function saveConversions(tx: Tx, events: readonly ChatEvent<'Conversion.Log'>[]): Promise<void> {
  await conversions.insert(tx, events.flatMap(entryRows));
}

function entryRows(event: ChatEvent<'Conversion.Log'>) {
  return event.data.entries.map((entry, position) => ({
    event_key: keyOf(event),
    position,
    site_id: event.siteId,
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
  }));
}

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
