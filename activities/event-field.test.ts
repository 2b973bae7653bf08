import { exampleEvent } from '../tests/send-request';
import { fieldMapping, readSource } from './event-field';

const chat = exampleEvent('Chat.Ended');
const message = exampleEvent('OfflineMessage.Submit');

it.each([
  [message, 'contact.company', 'Example Ltd'],
  [message, 'content', 'Please send me a copy of my last invoice.'],
  [message, 'customFields.Order number', 'A-1001'],
  [message, 'customVariables.Cart', '99.90'],
  [message, 'visitor.segmentIds', '7, 8'],
  [chat, 'chat.contact.email', 'ann@example.com'],
  [chat, 'chat.ratingGrade', '5'],
  [chat, 'chat.hasAudioChat', 'false'],
  [chat, 'customFields.Order number', 'A-1001'],
  [chat, 'chat', null],
  [chat, 'chat.contact', null],
  [chat, 'no.such', null],
  [chat, 'constructor.name', null],
  [chat, '__proto__.toString', null],
  [chat, 'customFields.Nope', null],
])('reads a field of %#: %s', (event, from, expected) => {
  expect(readSource(event, { from })).toBe(expected);
});

it('takes fixed values as they are', () => {
  expect(readSource(chat, { value: 'Web' })).toBe('Web');
});

it.each([
  [{ A: 'x' }],
  [{ A: { from: '' } }],
  [{ A: { from: '1' } }],
  [{ A: { from: 'a', value: 'b' } }],
  [{ '': { value: 'b' } }],
])('refuses the mapping %j', (mapping) => {
  expect(fieldMapping.safeParse(mapping).success).toBe(false);
});
