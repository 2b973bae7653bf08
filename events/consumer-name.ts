/** Destinations that an event can be delivered to. Names are durable: append only. */
export type ConsumerName = 'persistence' | 'email' | 'ticket' | 'webhook' | 'salesforce' | 'zendesk';
