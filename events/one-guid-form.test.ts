import { catalogue, type ChatEvent, type EventType } from './catalogue';
import { inOneGuidForm } from './one-guid-form';
import { readEvent } from './read-event';

const guid = '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';

function read(type: EventType, data: object): ChatEvent {
  const outcome = readEvent({ type, id: 'e', data }, { id: 'e', receivedAt: '2026-03-02T09:00:00.000Z' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.event;
}

it.each<[EventType, object]>([
  [
    'Chat.Ended',
    {
      Chat: { SiteId: 5, ChatId: guid, TicketId: guid, Messages: [{ Id: guid }], BotActions: [{ ChatId: guid }] },
      Visitor: { Id: guid, SegmentIds: [guid] },
    },
  ],
  ['Agent.Ban', { SiteId: 5, BanType: 0, IpFromOrVisitorId: guid }],
  ['Visitor.Rating', { SiteId: 5, ChatGuid: guid }],
])('ids of a stored %s become what they are read as today', (type, data) => {
  const event = read(type, data);
  const stored: ChatEvent = JSON.parse(JSON.stringify(event).replaceAll(guid, `{${guid.toUpperCase()}}`));
  expect(JSON.stringify(event)).toContain(guid);
  expect(inOneGuidForm(stored)).toEqual(event);
});

it('text stays as it was written, and an event without such ids is the same object', () => {
  const wrapup = read('Agent.Wrapup', { SiteId: 5, ChatId: 'c', Comment: guid.toUpperCase() });
  expect(inOneGuidForm(wrapup)).toBe(wrapup);
  for (const [type, { example }] of Object.entries(catalogue)) {
    const event = read(type as EventType, example); // keys of the catalogue are its types
    expect(inOneGuidForm(event)).toBe(event);
  }
});
