import { catalogue, type EventType } from './catalogue';
import type { EventDefinition } from './define-event';
import { comparedId } from './compared-id';
import { eventIds } from './event-ids';
import { isNamed } from './kinds/field';
import type { Fields, Kind } from './kinds/kind';
import { readEvent } from './read-event';

const idsOf = (type: EventType, data: unknown = catalogue[type].example): string[] => {
  const read = readEvent({ type, id: 'e', data }, { id: 'e', receivedAt: '2026-11-30T10:00:00.000Z' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return eventIds(type, read.event.data)
    .map(({ kind, value }) => `${kind} ${value}`)
    .sort();
};

it('names the chat, session, ticket, visitor and addresses of an event, once each', () => {
  expect(idsOf('OfflineMessage.Submit')).toEqual([
    'chat 7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
    'email ann@example.com',
    'session 636512345678901234',
    'ticket 9002',
    'visitor 5c6d7e8f-1234-4a5b-8c9d-0e1f2a3b4c5d',
  ]);
  expect(idsOf('Agent.Ban', { SiteId: 7, BanType: 0, IpFromOrVisitorId: 15 })).toEqual(['visitor 15']);
  expect(idsOf('Visit.Log')).toEqual([]);
});

it('finds ids in lists, and an address in any case of letters', () => {
  const entry = (chat: number) => ({ VisitorId: 5, ChatId: chat, CurrentChatId: chat + 1 });
  expect(idsOf('Conversion.Log', { SiteId: 7, Logs: [entry(1), entry(2)] })).toEqual([
    'chat 1',
    'chat 2',
    'chat 3',
    'visitor 5',
  ]);
  expect(comparedId('email', ' Ann@Example.COM ')).toEqual({ kind: 'email', value: 'ann@example.com' });
  expect(comparedId('visitor', '{5C6D7E8F-1234-4A5B-8C9D-0E1F2A3B4C5D}').value).toBe(
    '5c6d7e8f-1234-4a5b-8c9d-0e1f2a3b4c5d',
  );
});

/** Texts that tell about no person: names that the site gave to its own things. */
const NOT_PERSONAL = [
  'Chat.Ended chat.preChat.departmentName',
  'Chat.Ended chat.customFields.name',
  'Chat.Ended chat.customVariables.name',
  'Chat.Ended salesforce.caseFields.name',
  'Chat.Ended salesforce.taskFields.name',
  'Chat.Ended salesforce.leadFields.name',
  'Chat.Ended salesforce.createContactFields.name',
  'Chat.Ended salesforce.updateContactFields.name',
  'OfflineMessage.Submit customFields.name',
  'OfflineMessage.Submit customVariables.name',
  'Visitor.Rating customFields.name',
  'Visitor.Rating customVariables.name',
  'Agent.Wrapup customFields.name',
  'Conversion.Log entries.conversionName',
];

it('has each field of free text tagged as personal, or among those that are not', () => {
  const definitions: EventDefinition[] = Object.values(catalogue);
  const untagged = definitions.flatMap(({ type, fields }) => textsIn(fields).map((path) => `${type} ${path}`));
  expect(untagged).toEqual(NOT_PERSONAL);
});

function textsIn(fields: Fields): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (!isNamed(field)) return textsIn(field.kind.fields).map((path) => `${name}.${path}`);
    if (field.tags.personal) return [];
    return textsOf(field.kind).map((path) => (path === '' ? name : `${name}.${path}`));
  });
}

function textsOf({ wire, element, fields }: Kind): string[] {
  if (element !== undefined) return textsOf(element);
  if (fields !== undefined) return textsIn(fields);
  return wire === 'Text' || wire === 'Entry' ? [''] : [];
}
