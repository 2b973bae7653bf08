import { defineEvent } from './define-event';
import { field } from './kinds/field';
import { int } from './kinds/numbers';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "AgentStatus.Log". */
export const agentStatusLog = defineEvent({
  type: 'AgentStatus.Log',
  about: 'An agent has changed status.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    agentId: field('AgentId', id, 'The agent'),
    status: field(['Stauts', 'Status'], int, 'The new status; the specification names no values'),
    at: field('Time', time, 'When'),
  },
  example: { SiteId: 10001, AgentId: 15, Stauts: 1, Time: '2026-03-02T08:00:00' },
});
