import type { ConsumerDefinition } from '../../consumer-definition';
import { localPolicy } from '../../deliver/delivery-policy';

export const ticket: ConsumerDefinition = {
  needsConnection: false,
  subscribes: { 'Chat.Ended': 'Chat.Ended.Ticket', 'OfflineMessage.Submit': 'OfflineMessage.Submit.Ticket' },
  policy: localPolicy,
  create: async ({ effects }) => (await import('./ticket.js')).createTicket(effects.saveTickets),
};
