import { defineEvent } from './define-event';
import { field, PERSONAL } from './kinds/field';
import { list } from './kinds/list';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { id, text, textId } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "PrivateMessage.Log". */
export const privateMessageLog = defineEvent({
  type: 'PrivateMessage.Log',
  about: 'Agents have written to each other.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    messages: field(
      ['Messages', 'Logs'],
      list(
        object({
          fromAgentId: field('FromAgentId', id, 'The author'),
          toAgentId: field('ToAgentId', id, 'To whom'),
          at: field('Time', time, 'When'),
          content: field('Content', text, 'The text', PERSONAL),
          attachmentId: field(['AttachmentGuid', 'AttachmentId'], textId, 'File sent with it'),
        }),
      ),
      'The messages; one is known by the event and its place here',
    ),
  },
  example: {
    SiteId: 10001,
    Messages: [
      {
        FromAgentId: 12,
        ToAgentId: 15,
        Time: '2026-03-02T09:17:55',
        Content: 'Can you take this one?',
        AttachmentGuid: 'c0a8012e-7b1d-4c55-9d39-2f1b6d1e0a77',
      },
    ],
  },
});
