import type { Tx } from '../tx';
import { chooseTickets } from './choose-tickets';
import { findTickets, findWritten, lockSites } from './find-tickets';
import type { TicketEntry } from './ticket-entry';
import { insertMessages, insertTickets, updateTickets, writeRequesters } from './write-tickets';

/**
 * Opens tickets, and appends to open ones. Saving an entry again changes nothing. The tickets of a site are numbered from 1
 * without gaps; transactions that write tickets of one site wait for each other. A list of any length costs at most eight
 * statements.
 */
export async function saveTickets(tx: Tx, entries: readonly TicketEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const unique = [...new Map(entries.map((entry) => [entry.eventKey, entry])).values()];
  const lastNumbers = await lockSites(
    tx,
    unique.map(({ siteId }) => siteId),
  );
  const written = await findWritten(
    tx,
    unique.map(({ eventKey }) => eventKey),
  );
  const fresh = unique.filter(({ eventKey }) => !written.has(eventKey));
  if (fresh.length === 0) return;
  const tickets = chooseTickets(fresh, await findTickets(tx, fresh), lastNumbers);
  await writeRequesters(
    tx,
    tickets.flatMap(({ opening }) => opening ?? []),
  );
  await insertTickets(tx, tickets);
  await updateTickets(tx, tickets);
  await insertMessages(tx, tickets);
}
