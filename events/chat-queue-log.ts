import { defineEvent } from './define-event';
import { field } from './kinds/field';
import { list } from './kinds/list';
import { int } from './kinds/numbers';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "ChatQueue.Log". */
export const chatQueueLog = defineEvent({
  type: 'ChatQueue.Log',
  about: "How many visitors wait in the departments' queues.",
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    entries: field(
      ['Messages', 'Logs'],
      list(
        object({
          departmentId: field('DepartmentId', id, 'The department'),
          queueLength: field('NumberOfQueue', int, 'Visitors waiting'),
          at: field(['LogTime', 'Time'], time, 'When'),
        }),
      ),
      'One per department and moment',
    ),
  },
  example: {
    SiteId: 10001,
    Messages: [
      { DepartmentId: 3, NumberOfQueue: 2, LogTime: '2026-03-02T09:15:00' },
      { DepartmentId: 4, NumberOfQueue: 0, LogTime: '2026-03-02T09:15:00' },
    ],
  },
});
