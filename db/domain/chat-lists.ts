import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { childRows, type Winner } from './child-rows';
import { keyOf } from './event-row';

type Event = ChatEvent<'Chat.Ended'>;
type Chat = Event['data']['chat'];

const identity = ['site_id', 'chat_id'] as const;

const child = ['event_key', 'position', 'site_id', 'chat_id'] as const;

const messages = childRows('chat_message', identity, [
  ...child,
  'message_id',
  'sent_at',
  'sender_type',
  'sender_id',
  'sender_name',
  'content',
  'extra',
]);

const transfers = childRows('chat_transfer', identity, [
  ...child,
  'transferred_at',
  'kind',
  'from_id',
  'to_id',
  'by_agent_id',
  'is_successful',
  'extra',
]);

const attachments = childRows('chat_attachment', identity, [
  ...child,
  'attachment_id',
  'name',
  'url',
  'file_path',
  'is_note',
  'extra',
]);

const botActions = childRows('chat_bot_action', identity, [
  ...child,
  'action_id',
  'action_chat_id',
  'original_question',
  'standard_question_id',
  'answer_type',
  'rate_type',
  'is_deleted',
  'is_added',
  'acted_at',
  'extra',
]);

/** Saves the messages, transfers, attachments and bot actions of the chats that an event has won. */
export async function saveChatLists(
  tx: Tx,
  winners: readonly Winner<(typeof identity)[number]>[],
  events: readonly Event[],
): Promise<void> {
  await messages.save(tx, winners, listed(events, 'messages', messageRow));
  await transfers.save(tx, winners, listed(events, 'transfers', transferRow));
  await attachments.save(tx, winners, listed(events, 'attachments', attachmentRow));
  await botActions.save(tx, winners, listed(events, 'botActions', botActionRow));
}

type List = 'messages' | 'transfers' | 'attachments' | 'botActions';

function listed<L extends List, R>(events: readonly Event[], list: L, row: (entry: Chat[L][number]) => R) {
  return events.flatMap((event) => {
    const { chatId, [list]: entries } = event.data.chat;
    const owner = { event_key: keyOf(event), site_id: event.siteId, chat_id: chatId };
    return Array.from<Chat[L][number], typeof owner & { position: number } & R>(entries, (entry, position) => ({
      ...owner,
      position,
      ...row(entry),
    }));
  });
}

const messageRow = (message: Chat['messages'][number]) => ({
  message_id: message.id,
  sent_at: message.at,
  sender_type: message.senderType,
  sender_id: message.senderId,
  sender_name: message.senderName,
  content: message.content,
  extra: message.extra,
});

const transferRow = (transfer: Chat['transfers'][number]) => ({
  transferred_at: transfer.at,
  kind: transfer.kind,
  from_id: transfer.fromId,
  to_id: transfer.toId,
  by_agent_id: transfer.byAgentId,
  is_successful: transfer.isSuccessful,
  extra: transfer.extra,
});

const attachmentRow = (attachment: Chat['attachments'][number]) => ({
  attachment_id: attachment.id,
  name: attachment.name,
  url: attachment.url,
  file_path: attachment.filePath,
  is_note: attachment.isNote,
  extra: attachment.extra,
});

const botActionRow = (action: Chat['botActions'][number]) => ({
  action_id: action.id,
  action_chat_id: action.chatId,
  original_question: action.originalQuestion,
  standard_question_id: action.standardQuestionId,
  answer_type: action.answerType,
  rate_type: action.rateType,
  is_deleted: action.isDeleted,
  is_added: action.isAdded,
  acted_at: action.at,
  extra: action.extra,
});
