import { MAX_EVENT_BYTES } from '../events/check-bounds';
import { catalogue, type EventType } from '../events/catalogue';
import type { WireData } from '../events/wire-data';
import { EventTooLarge, InvalidEvent } from './errors';
import { MAX_INPUT_BYTES, prepareEvent } from './prepare-event';
import type { Publisher } from './publisher';

const ban = catalogue['Agent.Ban'].example;
const chat = catalogue['Chat.Ended'].example;

function failure(prepare: () => unknown): unknown {
  try {
    prepare();
  } catch (error) {
    return error;
  }
  throw new Error('was not refused');
}

test('takes the example of every type, as an object and as text, with the same key and hash', () => {
  const id = 'example';
  for (const [type, { example }] of Object.entries(catalogue)) {
    const asObject = prepareEvent(type as EventType, example, { id }); // keys of the catalogue are its types
    const asText = prepareEvent(type as EventType, JSON.stringify(example), { id });
    expect({ ...asText, input: 0, bytes: 0 }).toEqual({ ...asObject, input: 0, bytes: 0 });
  }
});

test('an id in any form of a GUID, or as a number, gives the key and the input that its usual form gives', () => {
  const guid = '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';
  const receivedAt = '2026-01-02T03:04:05.000Z';
  const usual = prepareEvent('Agent.Ban', ban, { id: guid, receivedAt });
  for (const id of [guid.toUpperCase(), `{${guid}}`, `${guid} `]) {
    expect(prepareEvent('Agent.Ban', ban, { id, receivedAt })).toEqual(usual);
  }
  expect(prepareEvent('Agent.Ban', ban, { id: 2n ** 60n }).id).toBe('1152921504606846976');
  expect(prepareEvent('Chat.Ended', chat, { id: '' }).key).toBe(prepareEvent('Chat.Ended', chat).key);
});

test('takes the id of the caller, else the natural one, else makes a UUIDv7', () => {
  expect(prepareEvent('Chat.Ended', chat, { id: 'mine' }).id).toBe('mine');
  expect(prepareEvent('Chat.Ended', chat).id).toBe(prepareEvent('Chat.Ended', chat).id);
  const [first, second] = [prepareEvent('Agent.Ban', ban), prepareEvent('Agent.Ban', ban)];
  expect(first.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(second.id > first.id).toBe(true);
});

test('gives the workflow id, type, site and time beside the data in their own spelling', () => {
  const { input } = prepareEvent('Agent.Ban', ban, { id: 'a', receivedAt: '2026-01-02T03:04:05Z' });
  expect(input).toMatchObject({ id: 'a', type: 'Agent.Ban', receivedAt: '2026-01-02T03:04:05.000Z', data: ban });
  expect(prepareEvent('agent.ban' as EventType, ban).input).toMatchObject({ type: 'Agent.Ban' }); // plain JavaScript
});

test('keeps 64-bit ids whole in JSON text and in bigints', () => {
  const id = 636512345678901234n;
  const text = JSON.stringify({ ...ban, SiteId: 0 }).replace('"SiteId":0', `"SiteId":${id}`);
  expect(prepareEvent('Agent.Ban', text).siteId).toBe(`${id}`);
  expect(prepareEvent('Agent.Ban', { ...ban, SiteId: id }).siteId).toBe(`${id}`);
});

test('is not reached by what the caller changes afterwards', () => {
  const data = { ...ban, Comment: 'before' };
  const { input } = prepareEvent('Agent.Ban', data);
  data.Comment = 'after';
  expect(input).toMatchObject({ data: { Comment: 'before' } });
});

test('names every problem at once, by path', () => {
  const data = { ...ban, SiteId: 'x', AgentId: { no: 'number' } };
  const error = failure(() => prepareEvent('Agent.Ban', data, { receivedAt: 'yesterday' }));
  expect(error).toBeInstanceOf(InvalidEvent);
  const { problems, message } = error as InvalidEvent; // the line above has looked
  expect(problems.map(({ path }) => path).toSorted()).toEqual(['data.AgentId', 'data.SiteId', 'receivedAt']);
  for (const { path, problem } of problems) expect(message).toContain(`${path}: ${problem}`);
});

test('refuses an unknown type, text that is no JSON, and data that JSON cannot hold', () => {
  const circular: Record<string, unknown> = { ...ban };
  circular['Self'] = circular;
  const unknownType = 'Chat.Started' as EventType; // plain JavaScript
  expect(failure(() => prepareEvent(unknownType, ban))).toMatchObject({ problems: [{ path: 'type' }] });
  expect(failure(() => prepareEvent('Agent.Ban', '{"SiteId": secret}'))).toMatchObject({
    message:
      'Agent.Ban was not published. Correct this and publish it again: data: is not valid JSON: mistake at position 11',
  });
  for (const data of [circular, () => 0]) {
    expect(failure(() => prepareEvent('Agent.Ban', data))).toMatchObject({
      problems: [{ path: 'data', problem: 'cannot be written as JSON' }],
    });
  }
  for (const data of ['[]', 'null', '"{}"', []])
    expect(failure(() => prepareEvent('Agent.Ban', data))).toBeInstanceOf(InvalidEvent);
});

test('refuses an event that is larger than Temporal takes, and says the limit', () => {
  const small = prepareEvent('Agent.Ban', { ...ban, Comment: '' }, { id: 'a' });
  const room = MAX_INPUT_BYTES - small.bytes;
  expect(prepareEvent('Agent.Ban', { ...ban, Comment: 'x'.repeat(room) }, { id: 'a' }).bytes).toBe(MAX_INPUT_BYTES);
  const tooMuch = { ...ban, Comment: 'x'.repeat(room + 1) };
  const error = failure(() => prepareEvent('Agent.Ban', tooMuch, { id: 'a' }));
  expect(error).toBeInstanceOf(EventTooLarge);
  expect(error).toMatchObject({ bytes: MAX_INPUT_BYTES + 1, limit: MAX_INPUT_BYTES, id: 'a' });
});

test('refuses more than 20 MiB before it reads them', () => {
  const text = ' '.repeat(MAX_EVENT_BYTES + 1);
  expect(failure(() => prepareEvent('Agent.Ban', text))).toMatchObject({
    name: 'EventTooLarge',
    limit: MAX_EVENT_BYTES,
  });
});

test('refuses a number that JSON would make null, by its path', () => {
  const inner = { SiteId: 7, ChatId: 'c', AgentAvgResponseTime: NaN };
  const problem = { path: 'data.Chat.AgentAvgResponseTime', problem: 'expected a number' };
  for (const data of [inner, JSON.stringify({ ...inner, AgentAvgResponseTime: 1 }).replace(':1}', ':1e400}')]) {
    expect(() => prepareEvent('Chat.Ended', data)).toThrow(expect.objectContaining({ problems: [problem] }));
  }
});

test('writes bytes as base64', () => {
  for (const AttachmentContent of [Buffer.from('Hi'), new Uint8Array([72, 105])]) {
    expect(prepareEvent('OfflineMessage.Submit', { SiteId: 7, AttachmentContent }).input).toMatchObject({
      data: { AttachmentContent: 'SGk=' },
    });
  }
});

test('a misspelt field and a wrong type are compile errors, at every depth', () => {
  // Never called: the compiler judges it.
  const calls = (
    publish: Publisher['publish'],
    type: EventType,
    given: { id: number; at: Date; comment?: string },
  ): unknown => [
    publish('Visitor.Rating', { SiteId: 1, ChatGuid: 'a', ratingGrade: '4', ratingComment: given.comment }),
    publish('Chat.Ended', { Chat: { SiteId: 1, ChatId: given.id, Start: given.at, ChatType: given.id } }),
    publish('Chat.Ended', { Chat: { SiteId: 1, ChatId: 1, Visitor: { Id: 7n } }, Salesforce: { PurposeChatEnd: 0 } }),
    publish('Chat.Ended', { SiteId: 1, ChatGuid: 'a', StartTime: '2026-01-02', Visitor: { VisitorId: 'a' } }),
    publish('Chat.Ended', '{"SiteId":1,"ChatId":1}'),
    publish('Agent.Ban', { BanType: 0, IpFromOrVisitorId: 7 }, { siteId: 1 }),
    publish('Chat.Ended', { Chat: { ChatId: 1 } }, { siteId: 1 }),
    publish('Chat.Ended', { ChatGuid: 'a', Visitor: { VisitorId: 'a' } }, { siteId: 1 }),
    // @ts-expect-error no site
    publish('Agent.Ban', { BanType: 0, IpFromOrVisitorId: 7 }, { id: 'a' }),
    // @ts-expect-error no site in a chat
    publish('Chat.Ended', { Chat: { ChatId: 1 } }),
    // @ts-expect-error misspelt where the options name the site
    publish('Chat.Ended', { Chat: { ChatId: 1, ChatSorce: 0 } }, { siteId: 1 }),
    // @ts-expect-error no chat where the options name the site
    publish('Visitor.Rating', {}, { siteId: 1 }),
    publish(type, given as unknown as WireData[typeof type]),
    // @ts-expect-error two names that no field has
    publish('Visitor.Rating', { SiteIdd: 1, ratngGrade: 'x' }),
    // @ts-expect-error no chat
    publish('Visitor.Rating', { SiteId: 1 }),
    // @ts-expect-error a text that is no number
    publish('Visitor.Rating', { SiteId: 1, ChatGuid: 'a', ratingGrade: 'x' }),
    // @ts-expect-error a name that no choice has
    publish('Chat.Ended', { Chat: { SiteId: 1, ChatId: 1, ChatSource: 'buton' } }),
    // @ts-expect-error misspelt in an object of a list
    publish('Chat.Ended', { Chat: { SiteId: 1, ChatId: 1, Messages: [{ Contnt: 'x' }] } }),
    // @ts-expect-error misspelt where visitor and chat stand together
    publish('Chat.Ended', { SiteId: 1, ChatGuid: 'a', Visitor: { Idd: 'a' } }),
    // @ts-expect-error of another type
    publish('Agent.Ban', { SiteId: 1, ChatGuid: 'a', ratingGrade: 4 }),
  ];
  expect(calls).toBeInstanceOf(Function);
});
