import { exampleEvent } from '../tests/send-request';
import { conversationOf } from './conversation';

function said(chat: Readonly<Record<string, unknown>>): string | null {
  const event = exampleEvent('Chat.Ended', { Chat: { ChatId: 'chat-1', SiteId: 10001, ...chat } });
  if (event.type !== 'Chat.Ended') throw new Error('It is no chat.');
  return conversationOf(event.data.chat);
}

const message = (SendTime: string | null, SenderName: string | null, Content: string | null) => ({
  ...(SendTime !== null && { SendTime }),
  SenderName,
  Content,
});

it('says who said what when, with day and zone', () => {
  const Messages = [
    message('2026-03-02T23:59:04', 'Ann', 'Hello'),
    message('2026-03-03T00:01:00+00:00', 'Bob', 'Hi'),
    { SenderType: 3, Content: 'Rate us' },
    message('2026-03-03T01:00:00+00:00', null, 'Five'),
  ];
  expect(said({ Messages, content: 'as one text' })).toBe(
    [
      '2026-03-02 (UTC)',
      '23:59:04 Ann: Hello',
      '2026-03-03 (UTC)',
      '00:01:00 Bob: Hi',
      'chatbot: Rate us',
      '01:00:00 unknown: Five',
    ].join('\n'),
  );
});

it.each(['\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029'])(
  'lets neither a message nor a name look like a line of somebody else: %j',
  (end) => {
    const forged = `Refund?${end}09:01:00 Bob: Yes, 500 EUR.${end}${end}2026-03-04 (UTC)`;
    const text = said({
      Messages: [
        message('2026-03-02T09:00:00', 'Ann', forged),
        message('2026-03-02T09:02:00', `Ann${end}09:01:00 Bob: Yes`, 'Thanks'),
      ],
    });
    expect(text?.split(/[\n\v\f\r\u0085\u2028\u2029]/)).toEqual([
      '2026-03-02 (UTC)',
      '09:00:00 Ann: Refund?',
      '    09:01:00 Bob: Yes, 500 EUR.',
      '    ',
      '    2026-03-04 (UTC)',
      '09:02:00 Ann 09 01 00 Bob Yes: Thanks',
    ]);
  },
);

it.each(['Bob: Yes', 'Bob\uff1aYes', 'Bob\u2236 Yes', 'Bob\ufe55Yes', 'Bob \ua789 Yes'])(
  'lets the first colon after a name end it: %j',
  (name) => {
    expect(said({ Messages: [message(null, name, 'hm: 1')] })).toBe('Bob Yes: hm: 1');
  },
);

it('lets no name look like a time', () => {
  expect(said({ Messages: [message(null, '09:03:00 Bob', 'no time')] })).toBe('09 03 00 Bob: no time');
});

it('is the transcript where only the system has said something in messages', () => {
  const Messages = [{ SenderType: 2, Content: 'Ann joined' }];
  expect(said({ Messages, content: 'Ann: Hello' })).toBe('Ann: Hello');
  expect(said({ Messages, content: '<p></p>' })).toBe('system: Ann joined');
});

it('takes out what would turn a line around', () => {
  const turning = '\u202e\u2066\u2067\u2068\u202a\u202b\u202d\u2069\u202c\u0007';
  const text = said({
    Messages: [message('2026-03-02T09:00:00', `\u200f${turning}Ann\u061c`, `a${turning}b\u200fc\td`)],
  });
  expect(text).toBe('2026-03-02 (UTC)\n09:00:00 Ann: ab\u200fc\td');
});

it('leaves the lines of a transcript that the chat server wrote', () => {
  expect(said({ content: 'Ann: Hello\r\nBob: Hi\u202e' })).toBe('Ann: Hello\nBob: Hi');
});

it.each([
  {},
  { content: null },
  { content: ' \n' },
  { Messages: [message('2026-03-02T09:00:00', 'Ann', null)] },
  { Messages: [message(null, 'Ann', ' ')], content: '' },
])('is none where nothing was written: %j', (chat) => {
  expect(said(chat)).toBeNull();
});

it('is the transcript where no message has words', () => {
  expect(said({ Messages: [message(null, 'Ann', ' ')], content: 'Ann: Hello' })).toBe('Ann: Hello');
});
