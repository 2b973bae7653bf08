import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { saveChildRows, type Winner } from './child-rows';
import { eventKeyOf, type Row } from './event-row';

type Event = ChatEvent<'Chat.Ended'>;
type Chat = Event['data']['chat'];

const identity = ['site_id', 'chat_id'] as const;

/** Saves the messages, transfers, attachments and bot actions of the events that are the latest of their chats. */
export async function saveChatLists(
  tx: Tx,
  winners: readonly Winner<(typeof identity)[number]>[],
  events: readonly Event[],
): Promise<void> {
  const save = (table: string, rows: readonly Row[]) => saveChildRows(tx, table, identity, winners, rows);
  await save('chat_message', listed(events, 'messages', messageRow));
  await save('chat_transfer', listed(events, 'transfers', transferRow));
  await save('chat_attachment', listed(events, 'attachments', attachmentRow));
  await save('chat_bot_action', listed(events, 'botActions', botActionRow));
}

type List = 'messages' | 'transfers' | 'attachments' | 'botActions';

function listed<L extends List, R>(events: readonly Event[], list: L, row: (entry: Chat[L][number]) => R) {
  return events.flatMap((event) => {
    const { chatId, [list]: entries } = event.data.chat;
    const owner = { event_key: eventKeyOf(event), site_id: event.siteId, chat_id: chatId };
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
