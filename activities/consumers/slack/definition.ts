import type { ConsumerDefinition } from '../../consumer-definition';

/** No installation sends to it by itself: a site or an operator subscribes it. */
export const slack: ConsumerDefinition = {
  needsConnection: true,
  subscribes: {},
  create: async ({ guard }) => (await import('./slack.js')).createSlack(guard),
};
