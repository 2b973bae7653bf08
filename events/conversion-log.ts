import { defineEvent } from './define-event';
import { choice } from './kinds/choice';
import { field } from './kinds/field';
import { list } from './kinds/list';
import { bool, decimal } from './kinds/numbers';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { entry, id, text } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "Conversion.Log". */
export const conversionLog = defineEvent({
  type: 'Conversion.Log',
  about: 'Visitors have done what the site wanted them to do.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    entries: field(
      ['Logs', 'Messages'],
      list(
        object({
          id: field('Id', id, 'Entry at the chat server, null where it is new'),
          conversionId: field('ConversionId', id, 'What the site counts'),
          conversionName: field('ConversionName', entry, 'Its name'),
          visitorId: field('VisitorId', id, 'The visitor'),
          cookieIdentityId: field(['CookIdenitityId', 'CookieIdentityId'], id, "The visitor's cookie"),
          chatId: field(['ChatId', 'ChatGuid'], id, 'First chat'),
          departmentId: field('DepartmentId', id, 'Department of the first chat'),
          currentChatId: field(['CurrentChatId', 'CurrentChatGuid'], id, 'Last chat'),
          currentDepartmentId: field('CurrentDepartmentId', id, 'Department of the last chat'),
          attribution: field(
            'ConversionAccelerateType',
            choice({ 0: 'firstChat', 1: 'lastChat' }),
            'Which of the two chats it is put down to',
          ),
          relatedAgentId: field(['RelatedOperatorId', 'RelatedAgentId'], id, 'Agent that it is put down to'),
          appendInfo: field('AppendInfo', text, 'What the site added'),
          amount: field('ConversionValue', decimal, 'Its value; no currency is given'),
          createdAt: field('CreateTime', time, 'When'),
          isAddedToDatabase: field('HasAddToDatabase', bool, "State of the chat server's own; not used here"),
        }),
      ),
      'One per conversion',
    ),
  },
  example: {
    SiteId: 10001,
    Logs: [
      {
        Id: 5001,
        ConversionId: 2,
        ConversionName: 'Order placed',
        VisitorId: '636512345678901234',
        CookIdenitityId: '636512345678905555',
        ChatId: 70001,
        DepartmentId: 3,
        RelatedOperatorId: 15,
        AppendInfo: 'Order A-1001',
        ConversionValue: 99.9,
        CreateTime: '2026-03-02T09:40:00',
        HasAddToDatabase: false,
        CurrentChatId: 70012,
        CurrentDepartmentId: 3,
        ConversionAccelerateType: 1,
      },
    ],
  },
});
