import type { ConsumerDefinition } from '../../consumer-definition';
import { doubling } from '../../deliver/delivery-policy';

export const email: ConsumerDefinition = {
  needsConnection: true,
  subscribes: { 'Chat.Ended': 'Chat.Ended.Email', 'OfflineMessage.Submit': 'OfflineMessage.Submit.Email' },
  policy: { mode: 'remote', delaysMs: doubling(50) },
  create: async ({ guard }) => (await import('./email.js')).createEmail(guard),
};
