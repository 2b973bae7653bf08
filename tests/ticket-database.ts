import { createTicket } from '../activities/consumers/ticket/ticket';
import { inTransaction } from '../db/tx';
import { saveTickets } from '../db/tickets/save-tickets';
import type { ChatEvent } from '../events/catalogue';
import { eventOf, openDomainDatabase, type DomainDatabase } from './domain-database';

export interface TicketDatabase extends Pick<DomainDatabase, 'pool' | 'query' | 'rowsOf' | 'empty' | 'close'> {
  /** Writes the events in one transaction. */
  write(...events: ChatEvent[]): Promise<void>;
}

/** A database of one's own, to which the consumer `ticket` writes. */
export async function openTicketDatabase(): Promise<TicketDatabase> {
  const { pool, query, rowsOf, empty, close } = await openDomainDatabase();
  const consumer = createTicket(saveTickets);
  return {
    pool,
    query,
    rowsOf,
    close,
    write: (...events) => inTransaction(pool, (tx) => consumer.write(tx, events)),
    empty,
  };
}

/** A chat that has ended in site 7 at `time`; the event's id is the chat's where none is given. */
export function chatEnded(chatId: string, chat: object, time = '10:00:00', id = chatId): ChatEvent {
  return eventOf('Chat.Ended', { Chat: { SiteId: 7, ChatId: chatId, ...chat } }, time, id);
}

/** An offline message in site 7. */
export function offlineMessage(id: string, data: object = {}, time = '10:00:00'): ChatEvent {
  return eventOf('OfflineMessage.Submit', { SiteId: 7, ...data }, time, id);
}
