import { catalogue } from './catalogue';
import { fanOut } from './fan-out';
import { readEvent } from './read-event';
import { relations } from './relations';

function fanOutOf(type: string, data: object): string[] {
  const outcome = readEvent(
    { type, data: 'Chat' in data ? data : { SiteId: 1, ...data } },
    { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' },
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return fanOut(outcome.event);
}
const names = (type: string, data: object) => fanOutOf(type, data).map((queue) => queue.slice(type.length + 1));

it('there are the 24 data queues of the seed, each of one event', () => {
  expect(relations).toHaveLength(24);
  expect(new Set(relations.map(({ dataQueue }) => dataQueue)).size).toBe(24);
  expect(new Set(relations.map(({ type }) => type))).toEqual(new Set(Object.keys(catalogue)));
});

it.each(Object.values(catalogue))('the example of $type is for all of its data queues', ({ type, example }) => {
  expect(fanOutOf(type, example)).toEqual(
    relations.filter((relation) => relation.type === type).map(({ dataQueue }) => dataQueue),
  );
});

it('a chat without Salesforce object is not for Salesforce', () => {
  expect(names('Chat.Ended', { ChatId: 'c' })).toEqual(['Persistence', 'Email', 'Ticket', 'Webhook', 'Zendesk']);
});

it('a chat that became an offline message leaves tickets and CRM to that', () => {
  expect(names('Chat.Ended', { ChatId: 'c', MissedChatStatus: 3, Salesforce: { PurposeChatEnd: 0 } })).toEqual([
    'Persistence',
    'Email',
    'Webhook',
  ]);
  expect(names('Chat.Ended', { ChatId: 'c', MissedChatStatus: 2, Salesforce: {} })).toHaveLength(6);
});

it('an offline message with integrations switched off is not for Salesforce and Zendesk; unsaid is on', () => {
  expect(names('OfflineMessage.Submit', { IfEnableIntegration: false })).toEqual([
    'Persistence',
    'Email',
    'Ticket',
    'Webhook',
  ]);
  expect(names('OfflineMessage.Submit', {})).toHaveLength(6);
});
