import { readEntry } from '../../activities/consumers/ticket/read-entry';
import { chatEnded, openTicketDatabase, type TicketDatabase } from '../../tests/ticket-database';
import type { Tx } from '../tx';
import { chooseTickets } from './choose-tickets';
import { findTickets, findWritten, lockSites } from './find-tickets';
import { insertMessages, insertTickets, updateTickets, writeRequesters } from './write-tickets';

const TICKETS = 100_000;

let db: TicketDatabase;

beforeAll(async () => {
  db = await openTicketDatabase();
  await db.query(`
    insert into ticket_counter select n, ${TICKETS / 100} from generate_series(0, 99) n;
    insert into ticket_requester (site_id, email, event_key, received_at)
      select n % 100, n || '@example.com', 'k' || n, now() from generate_series(0, ${TICKETS - 1}) n;
    insert into ticket (site_id, number, external_ticket_id, subject, source, chat_id, requester_email, event_key, created_at, updated_at)
      select n % 100, n / 100 + 1, n, 's', 'chat', 'c' || n, n || '@example.com', 'k' || n, now(), now()
      from generate_series(0, ${TICKETS - 1}) n;
    insert into ticket_message (event_key, site_id, ticket_number, kind, received_at)
      select 'k' || n, n % 100, n / 100 + 1, 'transcript', now() from generate_series(0, ${TICKETS - 1}) n;
    analyze`);
}, 120_000);
afterAll(() => db.close());

it('finds whatever a list of 100 events looks for by an index, at 100,000 tickets', async () => {
  const plans: string[] = [];
  const tx: Tx = {
    query: async (text, values) => {
      const { rows } = await db.pool.query(`explain ${text}`, values && [...values]);
      plans.push(rows.map((row) => Object.values(row as object).join()).join('\n'));
      return { rows: [], rowCount: 0 };
    },
  };
  const entries = Array.from({ length: 100 }, (_, n) =>
    chatEnded(`c${n + 500}`, {
      SiteId: (n % 99) + 1,
      IfNewTicket: n % 2,
      TicketId: n + 500,
      PreChatEmail: `${n}@example.com`,
      Attachments: [{ Url: 'https://a/1' }],
    }),
  ).flatMap((event) => readEntry(event) ?? []);
  const found = entries.slice(0, 50).map(({ siteId, externalTicketId }, n) => ({
    siteId,
    number: n + 1,
    externalTicketId,
    chatId: null,
  }));
  const tickets = chooseTickets(entries, found, new Map());
  await lockSites(
    tx,
    entries.map(({ siteId }) => siteId),
  );
  await findWritten(
    tx,
    entries.map(({ eventKey }) => eventKey),
  );
  await findTickets(tx, entries);
  await writeRequesters(tx, entries);
  await insertTickets(tx, tickets);
  await updateTickets(tx, tickets);
  await insertMessages(tx, tickets);
  expect(plans).toHaveLength(8);
  for (const plan of plans) expect(plan).not.toMatch(/Seq Scan on ticket(_message|_requester|_attachment)?\b(?!_)/);
});
