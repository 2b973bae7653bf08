import { banTarget } from './ban-target';
import { defineEvent } from './define-event';
import { field, inline, PERSONAL } from './kinds/field';
import { siteId } from './kinds/site-id';
import { id, text } from './kinds/texts';

/** Seed section "Agent.Ban". */
export const agentBan = defineEvent({
  type: 'Agent.Ban',
  about: 'A visitor, an IP address or a range of them is banned from the site.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    actorId: field(['OperatorId', 'AgentId'], id, 'The operator that banned, else the agent'),
    agentId: field('AgentId', id, 'The agent as sent'),
    target: inline(banTarget, 'The banned visitor, address or range'),
    comment: field('Comment', text, 'Why', PERSONAL),
  },
  example: {
    SiteId: 10001,
    AgentId: 15,
    BanType: 2,
    IpFromOrVisitorId: 3232235776,
    IpTo: 3232236031,
    Comment: 'Spam',
    OperatorId: 12,
  },
});
