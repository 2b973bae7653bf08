import type { ConsumerDefinition } from '../../../../activities/consumer-definition';
import { localPolicy } from '../../../../activities/deliver/delivery-policy';

export const notice: ConsumerDefinition = {
  needsConnection: false,
  subscribes: {}, // event types that every installation sends to it, each with its data queue, such as 'Chat.Ended': 'Chat.Ended.Notice'
  policy: localPolicy,
  create: async ({ effects }) => (await import('./notice.js')).createNotice(effects.saveNotice),
};
