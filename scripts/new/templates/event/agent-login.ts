import { defineEvent } from '../../../../events/define-event';
import { field } from '../../../../events/kinds/field';
import { siteId } from '../../../../events/kinds/site-id';
import { id, text } from '../../../../events/kinds/texts';
import { time } from '../../../../events/kinds/time';

/** An agent has logged in. */
export const agentLogin = defineEvent({
  type: 'Agent.Login',
  about: 'An agent has logged in.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    agentId: field(['AgentId', 'OperatorId'], id, 'Who'),
    at: field('Time', time, 'When'),
    device: field('Device', text, 'The kind of device'),
  },
  stored: false,
  example: { SiteId: 10001, AgentId: 15, Time: '2026-01-02T08:00:00Z', Device: 'desktop' },
});
