import { readEvent } from './read-event';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };

function read(input: unknown) {
  const outcome = readEvent(input, fallback);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}
const dataOf = (type: string, data: unknown) => read({ type, siteId: 1, data }).event.data;

describe('a GUID', () => {
  const guid = '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';
  const forms = [
    guid,
    guid.toUpperCase(),
    `{${guid}}`,
    `(${guid.toUpperCase()})`,
    guid.replaceAll('-', ''),
    ` ${guid}\u200b`,
  ];

  it.each(forms)('%j is one chat in all its forms, with one key and one hash, which its rating joins', (ChatId) => {
    const expected = read({ type: 'Chat.Ended', data: { SiteId: 5, ChatId: guid } });
    expect(read({ type: 'Chat.Ended', data: { SiteId: 5, ChatId } })).toEqual(expected);
    expect(expected.key).toBe(`Chat.Ended/5/${guid}`);
    expect(dataOf('Visitor.Rating', { ChatId: 7, ChatGuid: ChatId })).toMatchObject({ chatId: guid, chatNumber: '7' });
  });

  it('that is empty is none, in all its forms', () => {
    const empty = '00000000-0000-0000-0000-000000000000';
    for (const ChatGuid of [empty, `{${empty}}`, `(${empty})`, empty.replaceAll('-', '')]) {
      expect(dataOf('Visitor.Rating', { ChatId: 7, ChatGuid })).toMatchObject({ chatId: '7' });
    }
  });

  it('given as the id of an event stays as the caller gave it', () => {
    expect(read({ type: 'Chat.Ended', id: forms[1], data: { SiteId: 5, ChatId: guid } }).key).toBe(
      `Chat.Ended/5/${forms[1]}`,
    );
  });
});

it('an address of blanks leaves room for another spelling, and texts that were written keep theirs', () => {
  const Chat = {
    ChatId: 'c',
    PreChatEmail: ' \u00a0\u200b',
    PreChatName: '\u200eAnn \n',
    content: ' Hi \n',
    AgentComment: ' ',
  };
  expect(dataOf('Chat.Ended', { Chat, Visitor: { LastEmail: ' ', LastKnownEmail: 'a@b.c' } })).toMatchObject({
    chat: { contact: { email: null, name: 'Ann' }, transcript: ' Hi \n', agentComment: null },
    visitor: { lastKnownEmail: 'a@b.c' },
  });
});
