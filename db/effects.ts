import { saveEvents } from './domain/save-events';
import { saveTickets } from './tickets/save-tickets';

/** The writes of in-database consumers; a repeat changes nothing. */
export const effects = { saveEvents, saveTickets };

export type Effects = typeof effects;
