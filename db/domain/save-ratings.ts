import type { ChatEvent } from '../../events/catalogue';
import type { Tx } from '../tx';
import { eventKeyOf, type RowOf } from './event-row';
import { lastWrite } from './last-write';

const identity = ['site_id', 'chat_id'] as const;
const rating = ['event_key', 'received_at', 'grade', 'comment'] as const;
const form = [
  'form_event_key',
  'form_received_at',
  'chat_number',
  'custom_fields',
  'custom_variables',
  'extra',
] as const;

const SAVE_RATINGS = lastWrite('chat_rating', identity, [{ columns: rating, preferred: 'grade' }, { columns: form }]);

type RatingRow = RowOf<typeof identity> & RowOf<typeof rating> & Partial<RowOf<typeof form>>;

/**
 * Saves the ratings of chats, which come with the chat or in an event of their own, before or after it. The latest wins, but a
 * rating without grade never replaces one with a grade (RatingGrade 0 means not rated).
 */
export async function saveRatings(
  tx: Tx,
  events: readonly ChatEvent<'Chat.Ended' | 'Visitor.Rating'>[],
): Promise<void> {
  const rows = events.flatMap((event) => (event.type === 'Chat.Ended' ? ofChat(event) : [ofVisitor(event)]));
  if (rows.length > 0) await tx.query(SAVE_RATINGS, [JSON.stringify(rows)]);
}

function ofChat(event: ChatEvent<'Chat.Ended'>): RatingRow[] {
  const { chatId, ratingGrade, ratingComment } = event.data.chat;
  if (ratingGrade === null && ratingComment === null) return [];
  return [{ site_id: event.siteId, chat_id: chatId, ...ratingOf(event, ratingGrade, ratingComment) }];
}

function ofVisitor(event: ChatEvent<'Visitor.Rating'>): RatingRow {
  const { data } = event;
  return {
    site_id: event.siteId,
    chat_id: data.chatId,
    ...ratingOf(event, data.ratingGrade, data.ratingComment),
    form_event_key: eventKeyOf(event),
    form_received_at: event.receivedAt,
    chat_number: data.chatNumber,
    custom_fields: data.customFields,
    custom_variables: data.customVariables,
    extra: data.extra,
  };
}

function ratingOf(event: ChatEvent, grade: number | null, comment: string | null): RowOf<typeof rating> {
  return { event_key: eventKeyOf(event), received_at: event.receivedAt, grade, comment };
}
