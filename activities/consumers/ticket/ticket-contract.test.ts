import { saveTickets } from '../../../db/tickets/save-tickets';
import { PERSONAL_MARKER } from '../../../tests/consumer-contract';
import { describeInDatabaseContract } from '../../../tests/in-database-contract';
import { exampleEvent } from '../../../tests/send-request';
import { createTicket } from './ticket';

describeInDatabaseContract('ticket', {
  consumer: createTicket(saveTickets),
  event: exampleEvent('OfflineMessage.Submit', {
    TicketId: 0,
    Title: PERSONAL_MARKER,
    Content: PERSONAL_MARKER,
    VisitorName: PERSONAL_MARKER,
    VisitorEmail: `${PERSONAL_MARKER}@example.com`,
  }),
  table: 'ticket_message',
  // What its number has been counted up to shows what was done twice.
  effects: async (pool) =>
    (await pool.query('select coalesce(sum(last_number), 0)::int as n from ticket_counter')).rows[0].n,
});
