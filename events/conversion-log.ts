import { defineEvent } from './define-event';
import { choice } from './kinds/choice';
import { field, idOf, PERSONAL } from './kinds/field';
import { list } from './kinds/list';
import { bool, decimal } from './kinds/numbers';
import { object } from './kinds/object';
import { siteId } from './kinds/site-id';
import { entry, id, text } from './kinds/texts';
import { time } from './kinds/time';

/** Seed section "Conversion.Log". */
export const conversionLog = defineEvent({
  type: 'Conversion.Log',
  about: 'Visitors have reached goals of the site.',
  fields: {
    siteId: field('SiteId', siteId, 'The site'),
    entries: field(
      ['Logs', 'Messages'],
      list(
        object({
          id: field('Id', id, 'Entry at the chat server, null where it is new'),
          conversionId: field('ConversionId', id, 'The goal that the site counts'),
          conversionName: field('ConversionName', entry, 'Its name'),
          visitorId: field('VisitorId', id, 'The visitor', idOf('visitor')),
          cookieIdentityId: field(['CookIdenitityId', 'CookieIdentityId'], id, "The visitor's cookie"),
          chatId: field(['ChatId', 'ChatGuid'], id, 'First chat', idOf('chat')),
          departmentId: field('DepartmentId', id, 'Department of the first chat'),
          currentChatId: field(['CurrentChatId', 'CurrentChatGuid'], id, 'Last chat', idOf('chat')),
          currentDepartmentId: field('CurrentDepartmentId', id, 'Department of the last chat'),
          attribution: field(
            'ConversionAccelerateType',
            choice({ 0: 'firstChat', 1: 'lastChat' }),
            'The one of the two chats that the conversion counts for',
          ),
          relatedAgentId: field(['RelatedOperatorId', 'RelatedAgentId'], id, 'Agent that it is put down to'),
          appendInfo: field('AppendInfo', text, 'Further information of the site', PERSONAL),
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
