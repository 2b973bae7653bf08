import { readEvent } from './read-event';
import { readEventKey } from './read-identity';

const fallback = { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' };

function read(input: unknown) {
  const outcome = readEvent(input, fallback);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome;
}
const ban = { SiteId: 5, BanType: 0, IpFromOrVisitorId: 9 };
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

  it.each(forms)('%j is one event where it is given as the id', (id) => {
    expect(read({ type: 'Agent.Ban', id, data: ban }).key).toBe(`Agent.Ban/5/${guid}`);
    expect(readEventKey(`agent.ban/005/${id}`)).toBe(`Agent.Ban/5/${guid}`);
  });

  it.each(forms.slice(0, 5))('%j as the id of a key that a publisher gave stays as it is', (id) => {
    const given = `Agent.Ban/5/${id}`;
    const input = { type: 'Agent.Ban', siteId: '5', id, data: ban };
    const outcome = readEvent(input, { ...fallback, isGivenKey: (key) => key === given });
    expect(outcome.key).toBe(given);
  });
});

describe('the id beside the data', () => {
  const chat = { type: 'Chat.Ended', data: { SiteId: 5, ChatId: 'c' } };

  it.each([null, '', '  ', '\u200b', '{00000000-0000-0000-0000-000000000000}'])('%j is none', (id) => {
    expect(read({ ...chat, id }).key).toBe('Chat.Ended/5/c');
    expect(read({ type: 'Agent.Ban', id, data: ban }).key).toBe('Agent.Ban/5/x');
  });

  it.each([
    [7, '7'],
    [9007199254740993n, '9007199254740993'],
    ['\u200b a b \n', 'a b'],
  ])('%p is read as %j', (id, text) => {
    expect(read({ ...chat, id }).key).toBe(`Chat.Ended/5/${text}`);
  });

  it.each([1.5, 2 ** 53, true, ['a']])('%j is refused', (id) => {
    expect(readEvent({ ...chat, id }, fallback)).toMatchObject({ ok: false, problems: [{ path: 'id' }] });
  });
});

it.each(['', '  ', '\u200b'])('a site of %j beside the data is none: the data name it', (siteId) => {
  expect(read({ type: 'Agent.Ban', siteId, data: ban }).key).toBe('Agent.Ban/5/x');
});

it.each(['', 'Agent.Ban/5', 'Agent.Ban/5/ ', 'Agent.Ban/0/a', 'Nothing/5/a'])('%j is no key of an event', (text) => {
  expect(readEventKey(text)).toBeUndefined();
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
