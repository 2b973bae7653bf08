import { z } from 'zod';
import type { ConsumerDefinition } from '../../../../activities/consumer-definition';

const variables = z.object({
  NOTICE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Address that the consumer `notice` POSTs to; one that is not public is allowed by `ALLOWED_ADDRESSES`.'),
  NOTICE_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{1,1000}$/, 'expected up to 1,000 visible ASCII characters')
    .optional()
    .describe('Sent to it as `authorization: Bearer`.'),
});

export const notice: ConsumerDefinition = {
  needsConnection: false,
  subscribes: {}, // event types that every installation sends to it, each with its data queue, such as 'Chat.Ended': 'Chat.Ended.Notice'
  variables: variables.shape,
  async create({ guard, variables: given }) {
    const { NOTICE_URL: url, NOTICE_TOKEN: token } = variables.parse(given);
    return (await import('./notice.js')).createNotice({ ...guard, url, token });
  },
};
