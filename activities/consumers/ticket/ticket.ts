import type { Tx } from '../../../db/tx';
import type { TicketEntry } from '../../../db/tickets/ticket-entry';
import type { ConsumerAbout, Documented, InDatabaseConsumer } from '../../consumer';
import { readEntry } from './read-entry';

/**
 * Opens our own tickets and appends to them. It needs no connection, and writes in the transaction that marks the delivery
 * as delivered.
 *
 * @param saveTickets from db/tickets; saving an entry again changes nothing
 */
export function createTicket(
  saveTickets: (tx: Tx, entries: readonly TicketEntry[]) => Promise<void>,
): InDatabaseConsumer & Documented {
  return {
    kind: 'inDatabase',
    about,
    write: (tx, events) =>
      saveTickets(
        tx,
        events.flatMap((event) => readEntry(event) ?? []),
      ),
  };
}

const about: ConsumerAbout = {
  what: [
    'Keeps tickets of our own, numbered per site from 1 without gaps; `prisma/schema.prisma` describes their tables.',
    '`TicketId` is the id that the chat server gives a ticket, and is looked up in the site of the event only.',
    'A chat with `IfNewTicket` opens a ticket, under its `TicketId` if it has one; where that ticket is there already, it appends to it. Any other chat appends to the ticket of its `TicketId`; one that has none changes nothing. An offline message appends to the ticket of its `TicketId`, or opens one where it has none. Appending to an id that the site does not know opens the ticket under that id.',
    'A chat opens one ticket: when it ends again, under another event id, the ticket gets that transcript too, and the `TicketId` if it had none. Only a chat that appends to another, unknown `TicketId` opens a second one.',
    'Each event adds one message, with its files by reference; files of notes by agents are marked. The requester of a ticket is who opened it, known by e-mail address within the site.',
  ].join('\n\n'),
  idempotency:
    'The effect is in the transaction that marks the delivery as delivered: both stand, or neither. A message carries the key of its event, so that an event which is written again changes nothing.',
  failures: [
    ['an SQLSTATE', 'by its class: [what PostgreSQL says](failures.md#what-postgresql-says)'],
    ['none', '`Unavailable`; costs no try'],
  ],
};
