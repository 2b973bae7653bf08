import { saveEvents } from './domain/save-events';
import { saveTickets } from './tickets/save-tickets';

/** What in-database consumers write; writing it again changes nothing. */
export const effects = { saveEvents, saveTickets };

export type Effects = typeof effects;
