import type { FoundTicket } from './find-tickets';
import type { TicketEntry } from './ticket-entry';

/** A ticket that entries go to. */
export interface ChosenTicket {
  readonly siteId: string;
  readonly number: number;
  /** As the first entry that names one says. */
  readonly externalTicketId: string | null;
  readonly chatId: string | null;
  /** The entry that opens it; null = it is open already. */
  readonly opening: TicketEntry | null;
  /** In the order in which they were received. */
  readonly entries: readonly TicketEntry[];
}

type Draft = { -readonly [Key in keyof ChosenTicket]: ChosenTicket[Key] } & { entries: TicketEntry[] };

/**
 * Chooses the ticket of each entry, in the order in which the events were received: the ticket that the entry names; else the
 * ticket of its chat, if the entry opens tickets or that ticket has no name yet (it takes the entry's); else a new one.
 *
 * @param entries each event once
 * @param found the tickets that the entries name, and the tickets of their chats
 * @param lastNumbers the last number that each site has given
 */
export function chooseTickets(
  entries: readonly TicketEntry[],
  found: readonly FoundTicket[],
  lastNumbers: ReadonlyMap<string, number>,
): ChosenTicket[] {
  const byName = new Map<string, Draft>();
  const byChat = new Map<string, Draft>();
  const next = new Map(lastNumbers);
  const chosen = new Set<Draft>();
  const remember = (ticket: Draft): Draft => {
    const { siteId, externalTicketId, chatId } = ticket;
    if (externalTicketId !== null) byName.set(inSite(siteId, externalTicketId), ticket);
    if (chatId !== null) byChat.set(inSite(siteId, chatId), ticket);
    return ticket;
  };
  const open = (entry: TicketEntry, isFirstOfChat: boolean): Draft => {
    const { siteId, externalTicketId, chatId } = entry;
    const number = (next.get(siteId) ?? 0) + 1;
    next.set(siteId, number);
    const ticket = { siteId, number, externalTicketId, chatId: isFirstOfChat ? chatId : null };
    return remember({ ...ticket, opening: entry, entries: [] });
  };
  for (const ticket of found) remember({ ...ticket, opening: null, entries: [] });
  for (const entry of [...entries].sort(byTime)) {
    const { siteId, externalTicketId: name, chatId, opens } = entry;
    const named = name === null ? undefined : byName.get(inSite(siteId, name));
    const ofChat = chatId === null ? undefined : byChat.get(inSite(siteId, chatId));
    const own = ofChat !== undefined && (opens || ofChat.externalTicketId === null) ? ofChat : undefined;
    const ticket = named ?? own ?? open(entry, ofChat === undefined);
    ticket.externalTicketId ??= name;
    chosen.add(remember(ticket));
    ticket.entries.push(entry);
  }
  return [...chosen];
}

const inSite = (siteId: string, id: string): string => JSON.stringify([siteId, id]);

function byTime(a: TicketEntry, b: TicketEntry): number {
  return compare(a.receivedAt, b.receivedAt) || compare(a.eventKey, b.eventKey);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
