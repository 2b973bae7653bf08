import type { ConsumerDefinition } from '../../consumer-definition';
import { HOUR, SECOND } from '../../deliver/delivery-policy';

export const webhook: ConsumerDefinition = {
  needsConnection: true,
  subscribes: { 'Chat.Ended': 'Chat.Ended.Webhook', 'OfflineMessage.Submit': 'OfflineMessage.Submit.Webhook' },
  // The schedule that Standard Webhooks recommends; about three days.
  policy: {
    mode: 'remote',
    delaysMs: [5 * SECOND, 300 * SECOND, 1800 * SECOND, ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR)],
    jitter: 0.1,
  },
  create: async ({ guard }) => (await import('./webhook.js')).createWebhook(guard),
};
