import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { keyOf } from './event-row';
import { appendOnly } from './insert-once';

const messages = appendOnly('private_message', [
  'event_key',
  'position',
  'site_id',
  'from_agent_id',
  'to_agent_id',
  'sent_at',
  'content',
  'attachment_id',
  'extra',
]);

/** Saves what agents wrote to each other, one row per message. */
export async function savePrivateMessages(tx: Tx, events: readonly ChatEvent<'PrivateMessage.Log'>[]): Promise<void> {
  await messages.insert(
    tx,
    events.flatMap((event) =>
      event.data.messages.map((message, position) => ({
        event_key: keyOf(event),
        position,
        site_id: event.siteId,
        from_agent_id: message.fromAgentId,
        to_agent_id: message.toAgentId,
        sent_at: message.at ?? event.receivedAt,
        content: message.content,
        attachment_id: message.attachmentId,
        extra: message.extra,
      })),
    ),
  );
}
