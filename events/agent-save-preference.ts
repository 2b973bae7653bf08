import { defineEvent } from './define-event';
import { field } from './kinds/field';
import { list } from './kinds/list';
import { bool, int } from './kinds/numbers';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';

/** Seed section "Agent.SavePreference". It has no time: of two, the one with the later `receivedAt` counts. */
export const agentSavePreference = defineEvent({
  type: 'Agent.SavePreference',
  about: 'An agent has arranged the columns of the visitor list.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    agentId: field('AgentId', id, 'The agent'),
    columns: field(
      'Columns',
      list(
        object({
          column: field('EnumColumn', int, 'The column; the specification names no values'),
          isVisible: field('IfVisible', bool, 'Whether it is shown'),
          width: field('Width', int, 'Its width'),
          customVariableId: field('CustomVariableId', id, 'Custom variable shown in it'),
        }),
      ),
      'All columns, in order',
    ),
  },
  example: {
    SiteId: 10001,
    AgentId: 15,
    Columns: [
      { EnumColumn: 1, IfVisible: true, Width: 120, CustomVariableId: 0 },
      { EnumColumn: 9, IfVisible: false, Width: 80, CustomVariableId: 2 },
    ],
  },
});
