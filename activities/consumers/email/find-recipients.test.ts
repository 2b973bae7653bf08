import { exampleEvent } from '../../../tests/send-request';
import { configSchema } from './account';
import { findRecipients, hasContent, isMailed, type MailedEvent } from './find-recipients';

function mailed(...given: Parameters<typeof exampleEvent>): MailedEvent {
  const event = exampleEvent(...given);
  if (!isMailed(event)) throw new Error('It is not mailed.');
  return event;
}

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';

it.each([
  [ID, '0F8FAD5B-D9CB-469F-A165-70867728950E'],
  [ID, '{0f8fad5b-d9cb-469f-a165-70867728950e}'],
  [ID, ' 0f8fad5bd9cb469fa16570867728950e '],
  [3, '3 '],
])('reads the id of a department in a configuration as that of an event: %j, %j', (RouteToId, key) => {
  const config = configSchema.parse({
    host: 'smtp.example.com',
    from: { address: 'support@example.com' },
    recipientsByDepartment: { [key]: ['x@example.com'] },
  });
  const event = mailed('OfflineMessage.Submit', { RouteToType: 1, RouteToId });
  expect(findRecipients(event, config).map(({ address }) => address)).toEqual(['x@example.com']);
});

it.each([
  [{ Messages: [{ SenderType: 2, Content: 'Ann joined' }] }, false],
  [{ content: '\ufe0f\ufe0e\u{e0100}' }, false],
  [{ content: '<p class="a"><br/>&nbsp;</p>' }, false],
  [{ Attachments: [{}] }, false],
  [{ AgentComment: '<p></p>' }, false],
  [{ content: '<b@example.com>' }, true],
  [{ content: '<p><img src="https://example.com/1.png"></p>' }, true],
  [{ Messages: [{ SenderType: 0, Content: '\u2764\ufe0f' }] }, true],
])('knows whether something was written: %j', (chat, isWritten) => {
  const event = mailed('Chat.Ended', { Chat: { ChatId: 'chat-1', SiteId: 10001, ...chat } });
  expect(hasContent(event, { isVisitor: false })).toBe(isWritten);
});
