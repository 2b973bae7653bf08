import { catalogue, type ChatEvent, type EventType } from '../../../events/catalogue';
import { isObject } from '../../../events/kinds/json';
import { exampleEvent } from '../../../tests/send-request';
import { composeBody, MAX_BODY_BYTES } from './message';

const LONG = '😀"\u0001'.repeat(200_000);
const many = (count: number, entry: (index: number) => unknown): unknown[] =>
  Array.from({ length: count }, (_, i) => entry(i));
const chat = (data: object) => ({ Chat: { ChatId: 'c-1', SiteId: 10001, PreChatEmail: 'ann@example.com', ...data } });
const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 'x'.repeat(600_000)]));
const messages = many(3_000, (i) => ({ Id: `${i}`, Content: 'x'.repeat(400) }));

const cases: readonly (readonly [string, EventType, Readonly<Record<string, unknown>>, readonly string[]])[] = [
  [
    '5,000 bot actions',
    'Chat.Ended',
    chat({ BotActions: many(5_000, (i) => ({ Guid: `${i}`, OriginalQuestion: 'x'.repeat(300) })) }),
    ['chat.botActions'],
  ],
  [
    'large custom fields',
    'Chat.Ended',
    chat({ CustomFields: many(50, (Id) => ({ Id, Value: 'x'.repeat(45_000) })) }),
    ['chat.customFields'],
  ],
  [
    'one custom field of 5 MB',
    'Chat.Ended',
    chat({
      CustomFields: [
        { Id: 1, Value: 'x'.repeat(5e6) },
        { Id: 2, Value: 'kept' },
      ],
    }),
    ['chat.customFields'],
  ],
  [
    'a long transcript and messages',
    'Chat.Ended',
    chat({ content: LONG, Messages: messages }),
    ['chat.transcript', 'chat.messages'],
  ],
  ['messages', 'Chat.Ended', chat({ content: 'short', Messages: messages }), ['chat.messages']],
  [
    '100,000 segments',
    'Chat.Ended',
    { ...chat({}), Visitor: { Id: 'v', segmentIds: many(100_000, (i) => 1e9 + i) } },
    ['visitor.segmentIds'],
  ],
  [
    '20,000 keys of its own',
    'Chat.Ended',
    chat(Object.fromEntries(many(20_000, (i) => [`Odd${i}`, `value ${i} ${'x'.repeat(50)}`]) as [string, string][])),
    ['chat.extra'],
  ],
  ['one key of its own of 3 MB', 'Chat.Ended', chat({ ['k'.repeat(3e6)]: 1 }), ['chat.extra']],
  [
    'deep data of its own',
    'Chat.Ended',
    { ...chat({}), Odd: many(40, () => 0).reduce((inner) => ({ inner, text: 'x'.repeat(100_000) }), 1) },
    ['extra'],
  ],
  [
    'texts of 600 kB',
    'Chat.Ended',
    chat(texts('AgentComment', 'PreChatName', 'RequestPageUrl')),
    ['chat.agentComment', 'chat.contact.name', 'chat.requestPageUrl'],
  ],
  [
    'fields for Salesforce',
    'Chat.Ended',
    { ...chat({}), Salesforce: { Cases: many(2_000, (i) => ({ Name: `F${i}`, value: 'x'.repeat(900) })) } },
    ['salesforce.caseFields'],
  ],
  ['a long message', 'OfflineMessage.Submit', { Content: LONG }, ['content']],
  [
    'variables of an offline message',
    'OfflineMessage.Submit',
    { CustomVariables: many(20_000, (Id) => ({ Id, value: 'x'.repeat(50) })) },
    ['customVariables'],
  ],
  ['a long comment', 'Visitor.Rating', { ratingComment: LONG }, ['ratingComment']],
  ['data of its own', 'Agent.Ban', { Odd: LONG }, ['extra']],
];

it.each(cases)('holds the bound, keeps who and when, and names what was cut: %s', (_, type, data, truncated) => {
  const event = exampleEvent(type, data);
  const body = composeBody(event);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  expect(Buffer.byteLength(body)).toBeGreaterThan(
    MAX_BODY_BYTES / 2 - (truncated.includes('chat.extra') ? MAX_BODY_BYTES / 2 : 0),
  );
  expect(composeBody(structuredClone(event))).toBe(body);
  const sent = JSON.parse(body);
  expect(sent).toMatchObject({ type, timestamp: event.receivedAt });
  expect([...sent.data.truncated].sort()).toEqual([...truncated].sort());
  const isOfConversation = truncated.includes('chat.transcript') || truncated.includes('chat.messages');
  expect(sent.data.transcriptTruncated).toBe(isOfConversation ? true : undefined);
  if (event.type !== 'Chat.Ended') return expect(sent.data.siteId).toBe('10001');
  const { chatId, siteId, contact, startedAt } = event.data.chat;
  expect(sent.data.chat).toMatchObject({ chatId, siteId, startedAt, contact: { email: contact.email } });
});

it('keeps the small ones beside a large custom field', () => {
  const CustomFields = [
    { Id: 1, Value: 'x'.repeat(2e6) },
    { Id: 2, Name: 'Order', Value: 'A-1001' },
  ];
  const { data } = JSON.parse(composeBody(exampleEvent('Chat.Ended', chat({ CustomFields }))));
  expect(data.chat.customFields).toMatchObject([{ id: '1' }, { id: '2', name: 'Order', value: 'A-1001' }]);
});

it('says nothing of cuts where all fits', () => {
  const event = exampleEvent('Chat.Ended', chat({ content: 'x'.repeat(900_000) }));
  expect(JSON.parse(composeBody(event))).toEqual({ type: event.type, timestamp: event.receivedAt, data: event.data });
});

const types = Object.keys(catalogue) as EventType[]; // the keys of the catalogue are the types
const isIdentity = (key: string) => /(id|at|email|siteId)$/i.test(key);

/** Every list ten times as long, every text of 40 kB but what identifies. */
function swell(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.flatMap((item) => many(10, () => swell(item, 'id')));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, swell(item, name)]));
  return typeof value === 'string' && !isIdentity(key) ? value + 'x'.repeat(40_000) : value;
}

/** What is small and in no list, by path. */
function smallOf(value: unknown, path = ''): [string, unknown][] {
  if (isObject(value)) return Object.entries(value).flatMap(([name, item]) => smallOf(item, `${path}.${name}`));
  return Array.isArray(value) || JSON.stringify(value).length > 1_000 ? [] : [[path, value]];
}

it.each(types)('keeps what is small where everything else of %s is large', (type) => {
  const { data, ...rest } = exampleEvent(type);
  const event = { ...rest, data: swell(data) } as ChatEvent; // with the same types in its fields
  const body = composeBody(event);
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  const sent = new Map(smallOf(JSON.parse(body).data));
  const expected = smallOf(event.data);
  expect(expected.length).toBeGreaterThan(0);
  expect(expected.map(([path]) => [path, sent.get(path)])).toEqual(expected);
});
