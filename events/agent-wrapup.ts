import { defineEvent } from './define-event';
import { field, idOf, PERSONAL } from './kinds/field';
import { required } from './kinds/kind';
import { union } from './kinds/list';
import { siteId } from './kinds/site-id';
import { id, text } from './kinds/texts';
import { time } from './kinds/time';
import { customFields } from './shared-fields';

/** Seed section "Agent.Wrapup", class `Wrapup`. */
export const agentWrapup = defineEvent({
  type: 'Agent.Wrapup',
  about: 'An agent has filed a chat after its end.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    chatId: field(['ChatId', 'ChatGuid'], required(id), 'The chat', idOf('chat')),
    agentId: field('AgentId', id, 'The agent'),
    categoryIds: field(
      ['CategoryList', 'CategoryId', 'CategoryIds'],
      union(id, String),
      'Categories, from list and single field',
    ),
    comment: field('Comment', text, "The agent's comment", PERSONAL),
    submittedAt: field('SubmitTime', time, 'When'),
    customFields,
  },
  example: {
    SiteId: 10001,
    AgentId: 15,
    ChatId: 70012,
    CategoryId: 4,
    CategoryList: [5, 6],
    Comment: 'Invoice sent again',
    SubmitTime: '2026-03-02T09:30:00',
    CustomFields: [{ Id: 1, Name: 'Order number', Value: 'A-1001' }],
  },
});
