import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const uses = appendOnly('canned_message_use', [
  'event_key',
  'site_id',
  'chat_id',
  'agent_id',
  'canned_message_id',
  'used_at',
  'extra',
]);

/** Saves which agent used which canned message in which chat, one row per use. */
export async function saveCannedMessageUses(
  tx: Tx,
  events: readonly ChatEvent<'CannedMessage.UseLog'>[],
): Promise<void> {
  await uses.insert(
    tx,
    events.map((event) => ({
      event_key: keyOf(event),
      site_id: event.siteId,
      chat_id: event.data.chatId,
      agent_id: event.data.agentId,
      canned_message_id: event.data.cannedMessageId,
      used_at: event.data.at ?? event.receivedAt,
      extra: event.data.extra,
    })),
  );
}
