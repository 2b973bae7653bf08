import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { eventKeyOf, type RowOf } from './event-row';
import { lastWrite } from './last-write';

const identity = ['site_id', 'chat_id'] as const;
const comment = ['comment_event_key', 'comment_received_at', 'comment'] as const;
const filing = [
  'event_key',
  'received_at',
  'agent_id',
  'category_ids',
  'submitted_at',
  'custom_fields',
  'extra',
] as const;

const SAVE_WRAPUPS = lastWrite('chat_wrapup', identity, [{ columns: comment }, { columns: filing }]);

type WrapupRow = RowOf<typeof identity> & RowOf<typeof comment> & Partial<RowOf<typeof filing>>;

/**
 * Saves how agents filed chats; the latest wins. The agent's comment is the later of the wrap-up's and the chat's; a chat without
 * comment does not count.
 */
export async function saveWrapups(tx: Tx, events: readonly ChatEvent<'Chat.Ended' | 'Agent.Wrapup'>[]): Promise<void> {
  const rows = events.flatMap((event) => (event.type === 'Chat.Ended' ? ofChat(event) : [ofAgent(event)]));
  if (rows.length > 0) await tx.query(SAVE_WRAPUPS, [JSON.stringify(rows)]);
}

function ofChat(event: ChatEvent<'Chat.Ended'>): WrapupRow[] {
  const { chatId, agentComment } = event.data.chat;
  if (agentComment === null) return [];
  return [{ site_id: event.siteId, chat_id: chatId, ...commentOf(event, agentComment) }];
}

function ofAgent(event: ChatEvent<'Agent.Wrapup'>): WrapupRow {
  const { data } = event;
  return {
    site_id: event.siteId,
    chat_id: data.chatId,
    ...commentOf(event, data.comment),
    event_key: eventKeyOf(event),
    received_at: event.receivedAt,
    agent_id: data.agentId,
    category_ids: data.categoryIds,
    submitted_at: data.submittedAt,
    custom_fields: data.customFields,
    extra: data.extra,
  };
}

function commentOf(event: ChatEvent, text: string | null): RowOf<typeof comment> {
  return { comment_event_key: eventKeyOf(event), comment_received_at: event.receivedAt, comment: text };
}
