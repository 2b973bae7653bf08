import { defineEvent } from './define-event';
import { field } from './kinds/field';
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
    chatId: field(['ChatId', 'ChatGuid'], required(id), 'The chat'),
    agentId: field('AgentId', id, 'The agent'),
    categoryIds: field(
      ['CategoryList', 'CategoryId', 'CategoryIds'],
      union(id, String),
      'Categories, from list and single field',
    ),
    comment: field('Comment', text, "The agent's comment"),
    submittedAt: field('SubmitTime', time, 'When'),
    customFields,
  },
  rides: true,
  example: {},
});
