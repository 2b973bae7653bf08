import type { ConsumerDefinition } from '../../../../activities/consumer-definition';

export const notice: ConsumerDefinition = {
  needsConnection: true,
  subscribes: {}, // event types that every installation sends to it, each with its data queue, such as 'Chat.Ended': 'Chat.Ended.Notice'
  create: async ({ guard }) => (await import('./notice.js')).createNotice(guard),
};
