import { catalogue } from '../../events/catalogue';
import { readEvent } from '../../events/read-event';
import { fanOut, relations } from './relations';

function fanOutOf(type: string, data: object): string[] {
  const outcome = readEvent(
    { type, data: 'Chat' in data ? data : { SiteId: 1, ...data } },
    { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' },
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return fanOut(outcome.event);
}
const names = (type: string, data: object) => fanOutOf(type, data).map((queue) => queue.slice(type.length + 1));

const ofSix = ['Persistence', 'Email', 'Ticket', 'Webhook', 'Salesforce', 'Zendesk'];

it.each([
  ...['Chat.Ended', 'OfflineMessage.Submit'].flatMap((type) =>
    ofSix.map((name) => ({ dataQueue: `${type}.${name}`, type, consumer: name.toLowerCase() })),
  ),
  ...[
    'Visitor.Rating',
    'Agent.Wrapup',
    'CannedMessage.UseLog',
    'PrivateMessage.Log',
    'ChatQueue.Log',
    'AgentStatus.Log',
    'AutoInvitation.Log',
    'ManualInvitation.Log',
    'Visit.Log',
    'Conversion.Log',
    'Agent.SavePreference',
    'Agent.Ban',
  ].map((type) => ({ dataQueue: type, type, consumer: 'persistence' })),
])('$dataQueue is there, as in the seed', (relation) => {
  expect(relations).toContainEqual(relation);
});

it('each data queue is of one event', () => {
  expect(new Set(relations.map(({ dataQueue }) => dataQueue)).size).toBe(relations.length);
});

it.each(Object.values(catalogue))('the example of $type is for all of its data queues', ({ type, example }) => {
  expect(fanOutOf(type, example)).toEqual(
    relations.filter((relation) => relation.type === type).map(({ dataQueue }) => dataQueue),
  );
});

it('a chat without Salesforce object is not for Salesforce', () => {
  expect(names('Chat.Ended', { ChatId: 'c' })).not.toContain('Salesforce');
});

it('a chat that became an offline message leaves tickets and CRM to that', () => {
  const became = names('Chat.Ended', { ChatId: 'c', MissedChatStatus: 3, Salesforce: { PurposeChatEnd: 0 } });
  expect(became).toEqual(expect.arrayContaining(['Persistence', 'Email', 'Webhook']));
  for (const name of ['Ticket', 'Salesforce', 'Zendesk']) expect(became).not.toContain(name);
  const missed = names('Chat.Ended', { ChatId: 'c', MissedChatStatus: 2, Salesforce: {} });
  expect(missed).toEqual(expect.arrayContaining(ofSix));
});

it('an offline message with integrations switched off is not for Salesforce and Zendesk; unsaid is on', () => {
  const off = names('OfflineMessage.Submit', { IfEnableIntegration: false });
  expect(off).toEqual(expect.arrayContaining(['Persistence', 'Email', 'Ticket', 'Webhook']));
  for (const name of ['Salesforce', 'Zendesk']) expect(off).not.toContain(name);
  expect(names('OfflineMessage.Submit', {})).toEqual(expect.arrayContaining(ofSix));
});
