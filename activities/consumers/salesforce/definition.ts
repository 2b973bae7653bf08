import type { ConsumerDefinition } from '../../consumer-definition';

export const salesforce: ConsumerDefinition = {
  needsConnection: true,
  subscribes: { 'Chat.Ended': 'Chat.Ended.Salesforce', 'OfflineMessage.Submit': 'OfflineMessage.Submit.Salesforce' },
  create: async ({ guard }) => (await import('./salesforce.js')).createSalesforce(guard),
};
