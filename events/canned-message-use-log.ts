import { defineEvent } from './define-event';
import { field, idOf } from './kinds/field';
import { required } from './kinds/kind';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "CannedMessage.UseLog", class `CannedMessage`. */
export const cannedMessageUseLog = defineEvent({
  type: 'CannedMessage.UseLog',
  about: 'An agent has used a canned message.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    chatId: field(['ChatId', 'ChatGuid'], required(id), 'The chat', idOf('chat')),
    agentId: field('AgentId', id, 'The agent'),
    cannedMessageId: field(['CannedMessgeId', 'CannedMessageId'], id, 'The canned message'),
    at: field('Time', time, 'When'),
  },
  example: { SiteId: 10001, ChatId: 70012, AgentId: 15, CannedMessgeId: 8, Time: '2026-03-02T09:19:30' },
});
