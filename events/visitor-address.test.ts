import { exampleEvent } from '../tests/send-request';
import type { ChatEvent } from './catalogue';
import { visitorAddress } from './visitor-address';

// The examples of these types are of these types.
type Chat = ChatEvent<'Chat.Ended'>;
type Message = ChatEvent<'OfflineMessage.Submit'>;

it.each([
  ['ann@example.com', 'last@example.com', 'ann@example.com'],
  [' ann@bücher.example', null, 'ann@xn--bcher-kva.example'],
  [null, 'last@example.com\u200e', 'last@example.com'],
  ['', 'last@example.com', 'last@example.com'],
  [' \u00a0\u200b', 'last@example.com', 'last@example.com'],
  ['-', 'last@example.com', 'last@example.com'], // no more than an empty field
  ['ann@example', 'last@example.com', 'last@example.com'],
  ['none', 'nor this', null],
  ['none', null, null],
  ['a'.repeat(12_000), null, null],
  [null, null, null],
])('entered %j, last known %j: %j', (PreChatEmail, LastEmail, expected) => {
  const chat = exampleEvent('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 1, PreChatEmail }, Visitor: { LastEmail } });
  expect(visitorAddress(chat as Chat)).toBe(expected);
  if (LastEmail !== null) return;
  const message = exampleEvent('OfflineMessage.Submit', { VisitorEmail: PreChatEmail });
  expect(visitorAddress(message as Message)).toBe(expected);
});
