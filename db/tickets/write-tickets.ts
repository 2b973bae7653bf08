import { insertOnce } from '../domain/insert-once';
import type { Tx } from '../tx';
import type { ChosenTicket } from './choose-tickets';
import type { Requester, TicketEntry } from './ticket-entry';

/** Saves the requesters of new tickets: name, phone and company of the later event; a value that it lacks is kept. */
export async function writeRequesters(tx: Tx, openings: readonly TicketEntry[]): Promise<void> {
  const rows = new Map<string, Requester & { site_id: string; event_key: string; received_at: string }>();
  for (const { siteId, requester, eventKey, receivedAt } of openings) {
    if (requester === null) continue;
    const id = JSON.stringify([siteId, requester.email]);
    const earlier = rows.get(id);
    rows.set(id, {
      site_id: siteId,
      email: requester.email,
      name: requester.name ?? earlier?.name ?? null,
      phone: requester.phone ?? earlier?.phone ?? null,
      company: requester.company ?? earlier?.company ?? null,
      event_key: eventKey,
      received_at: receivedAt,
    });
  }
  if (rows.size > 0) await tx.query(WRITE_REQUESTERS, [JSON.stringify([...rows.values()])]);
}

/** Inserts tickets, and sets their sites' counters, which the transaction has locked. */
export async function insertTickets(tx: Tx, tickets: readonly ChosenTicket[]): Promise<void> {
  const rows = tickets.flatMap((ticket) => (ticket.opening === null ? [] : [ticketRow(ticket, ticket.opening)]));
  if (rows.length > 0) await tx.query(INSERT_TICKETS, [JSON.stringify(rows)]);
}

/** Updates the tickets that were open: the time, and the chat server's id if they had none. */
export async function updateTickets(tx: Tx, tickets: readonly ChosenTicket[]): Promise<void> {
  const rows = tickets
    .filter(({ opening }) => opening === null)
    .map((ticket) => ({ ...identity(ticket), updated_at: latestOf(ticket) }));
  if (rows.length > 0) await tx.query(UPDATE_TICKETS, [JSON.stringify(rows)]);
}

/** Adds the messages to their tickets, with the references of their files. */
export async function insertMessages(tx: Tx, tickets: readonly ChosenTicket[]): Promise<void> {
  await insertOnce(
    tx,
    'ticket_message',
    tickets.flatMap(({ number, entries }) => entries.map((entry) => messageRow(entry, number))),
  );
  await insertOnce(tx, 'ticket_attachment', tickets.flatMap(({ entries }) => entries).flatMap(attachmentRows));
}

const messageRow = ({ eventKey, siteId, chatId, sourceChatId, message, receivedAt }: TicketEntry, number: number) => ({
  event_key: eventKey,
  site_id: siteId,
  ticket_number: number,
  kind: message.kind,
  chat_id: chatId ?? sourceChatId,
  author_name: message.authorName,
  author_email: message.authorEmail,
  body: message.body,
  received_at: receivedAt,
});

const attachmentRows = ({ eventKey, attachments: files }: TicketEntry) =>
  files.map(({ name, size, sha256, url, isNote }, position) => ({
    event_key: eventKey,
    position,
    name,
    size,
    sha256,
    url,
    is_note: isNote,
  }));

const ticketRow = (ticket: ChosenTicket, opening: TicketEntry) => ({
  ...identity(ticket),
  subject: opening.subject,
  source: opening.source,
  chat_id: ticket.chatId,
  source_chat_id: opening.sourceChatId,
  department_id: opening.departmentId,
  agent_id: opening.agentId,
  agent_ids: opening.agentIds,
  requester_email: opening.requester?.email,
  event_key: opening.eventKey,
  created_at: opening.receivedAt,
  updated_at: latestOf(ticket),
});

const identity = ({ siteId, number, externalTicketId }: ChosenTicket) => ({
  site_id: siteId,
  number,
  external_ticket_id: externalTicketId,
});

const latestOf = ({ entries }: ChosenTicket): string | undefined => entries.at(-1)?.receivedAt;

const given = (table: string): string => `jsonb_populate_recordset(null::${table}, $1)`;

/** The later event's value if it has one, else the earlier one's. */
const latest = (column: string): string => `${column} = case
    when (excluded.received_at, excluded.event_key collate "C") > (known.received_at, known.event_key collate "C")
    then coalesce(excluded.${column}, known.${column}) else coalesce(known.${column}, excluded.${column}) end`;

const REQUESTER = 'site_id, email, name, phone, company, event_key, received_at';

const WRITE_REQUESTERS = `
insert into ticket_requester as known (${REQUESTER})
select ${REQUESTER} from ${given('ticket_requester')} order by site_id collate "C", email collate "C"
on conflict (site_id, email) do update set
  ${['name', 'phone', 'company', 'event_key', 'received_at'].map(latest).join(',\n  ')}`;

const TICKET = `site_id, number, external_ticket_id, subject, source, chat_id, source_chat_id, department_id, agent_id,
  agent_ids, requester_email, event_key, created_at, updated_at`;

const INSERT_TICKETS = `
with counted as (
  update ticket_counter c set last_number = n.last
  from (select site_id, max(number) as last from ${given('ticket')} group by site_id) n
  where c.site_id = n.site_id
)
insert into ticket (${TICKET})
select ${TICKET} from ${given('ticket')} order by site_id collate "C", number`;

const UPDATE_TICKETS = `
update ticket t set
  updated_at = greatest(t.updated_at, g.updated_at),
  external_ticket_id = coalesce(t.external_ticket_id, g.external_ticket_id)
from ${given('ticket')} g
where t.site_id = g.site_id and t.number = g.number`;
