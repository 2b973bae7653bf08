import type { ConsumerDefinition } from '../../consumer-definition';

export const zendesk: ConsumerDefinition = {
  needsConnection: true,
  subscribes: { 'Chat.Ended': 'Chat.Ended.Zendesk', 'OfflineMessage.Submit': 'OfflineMessage.Submit.Zendesk' },
  create: async ({ guard }) => (await import('./zendesk.js')).createZendesk(guard),
};
