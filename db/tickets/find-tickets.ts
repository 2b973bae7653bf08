import type { Tx } from '../tx';
import type { TicketEntry } from './ticket-entry';

/** A ticket in the database. */
export interface FoundTicket {
  readonly siteId: string;
  readonly number: number;
  readonly externalTicketId: string | null;
  readonly chatId: string | null;
}

/**
 * Locks the sites' counters until the transaction ends, in the order of the sites: no other transaction writes tickets of these
 * sites meanwhile, numbers have no gaps, and transactions cannot deadlock.
 *
 * @returns the last number that each site has given
 */
export async function lockSites(tx: Tx, siteIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.query<{ siteId: string; lastNumber: number }>(LOCK_SITES, [siteIds]);
  return new Map(rows.map(({ siteId, lastNumber }) => [siteId, lastNumber]));
}

/** The keys of the events that have added to a ticket already. */
export async function findWritten(tx: Tx, eventKeys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ eventKey: string }>(FIND_WRITTEN, [eventKeys]);
  return new Set(rows.map(({ eventKey }) => eventKey));
}

/** The tickets that the entries name, and the tickets of their chats, each within its site. */
export async function findTickets(tx: Tx, entries: readonly TicketEntry[]): Promise<FoundTicket[]> {
  const { rows } = await tx.query<FoundTicket>(FIND_TICKETS, [
    entries.map(({ siteId }) => siteId),
    entries.map(({ externalTicketId }) => externalTicketId),
    entries.map(({ chatId }) => chatId),
  ]);
  return rows;
}

// The update changes nothing: it locks a row whether it is new or not.
const LOCK_SITES = `
insert into ticket_counter as counter (site_id, last_number)
select distinct site_id collate "C", 0 from unnest($1::text[]) as site_id order by 1
on conflict (site_id) do update set last_number = counter.last_number
returning site_id as "siteId", last_number as "lastNumber"`;

const FIND_WRITTEN = `select event_key as "eventKey" from ticket_message where event_key = any($1::text[])`;

const FOUND = `t.site_id as "siteId", t.number, t.external_ticket_id as "externalTicketId", t.chat_id as "chatId"`;

const FIND_TICKETS = `
with wanted as (
  select * from unnest($1::text[], $2::text[], $3::text[]) as entry (site_id, external_ticket_id, chat_id)
)
select ${FOUND} from wanted w
join ticket t on t.site_id = w.site_id and t.external_ticket_id = w.external_ticket_id
union
select ${FOUND} from wanted w
join ticket t on t.site_id = w.site_id and t.chat_id = w.chat_id`;
