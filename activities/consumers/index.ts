import type { Tx } from '../../db/tx';
import type { TicketEntry } from '../../db/tickets/ticket-entry';
import type { ChatEvent } from '../../events/catalogue';
import type { Consumer, Documented } from '../consumer';
import type { OnAnswer } from '../http/exchange';
import { createHostResolver } from '../http/dns/host-resolver';
import { createEmail } from './email/email';
import { createPersistence } from './persistence/persistence';
import { createSalesforce } from './salesforce/salesforce';
import { createTicket } from './ticket/ticket';
import { createWebhook } from './webhook/webhook';
import { createZendesk } from './zendesk/zendesk';

/** What consumers are built from. */
export interface ConsumerDeps {
  readonly saveEvents: (tx: Tx, events: readonly ChatEvent[]) => Promise<void>;
  readonly saveTickets: (tx: Tx, entries: readonly TicketEntry[]) => Promise<void>;
  /** Addresses or ranges that deliveries may call although they are not public. Default: none. */
  readonly allowedAddresses?: readonly string[];
  /** Name servers for the hosts of destinations, as address or address:port. Default: those of this machine. */
  readonly dnsServers?: readonly string[];
  /** Called with each answer of Salesforce and Zendesk, secrets included. Default: not called. */
  readonly onAnswer?: OnAnswer | undefined;
}

/** The registry. Keys are activity types and stand in histories: append only. */
export function createConsumers({
  saveEvents,
  saveTickets,
  allowedAddresses = [],
  dnsServers = [],
  onAnswer,
}: ConsumerDeps): Readonly<Record<string, Consumer & Documented>> {
  const guard = { allowedAddresses, resolver: createHostResolver({ servers: dnsServers }), onAnswer };
  return {
    persistence: createPersistence(saveEvents),
    email: createEmail(guard),
    webhook: createWebhook(guard),
    salesforce: createSalesforce(guard),
    ticket: createTicket(saveTickets),
    zendesk: createZendesk(guard),
  };
}
