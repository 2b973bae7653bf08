import type { DataOf } from './catalogue';
import { readEvent } from './read-event';

/** How each inconsistency of the seed's largest event is read. */
function read(data: object): DataOf<'Chat.Ended'> {
  const outcome = readEvent(
    { type: 'Chat.Ended', siteId: 1, data },
    { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' },
  );
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.event.data as DataOf<'Chat.Ended'>;
}
const chat = (data: object) => read({ ChatId: 'c', ...data }).chat;

describe('Chat.Ended', () => {
  it.each([
    [
      'three classes side by side',
      { Chat: { ChatId: 'c', New: 1 }, Visitor: { Id: 'v' }, Salesforce: { PurposeChatEnd: 1 } },
    ],
    ['all in Chat', { Chat: { ChatId: 'c', New: 1, Visitor: { Id: 'v' }, salesforce: { PurposeChatEnd: 1 } } }],
    [
      'Chat alone with the others in it',
      { ChatId: 'c', New: 1, visitor: { Id: 'v' }, Salesforce: { PurposeChatEnd: 1 } },
    ],
    [
      'one of them beside and one inside',
      { chat: { ChatId: 'c', New: 1, Visitor: { Id: 'v' } }, Salesforce: { PurposeChatEnd: 1 }, Visitor: null },
    ],
  ])('may come as %s', (_, data) => {
    const event = read(data);
    expect(event).toMatchObject({
      chat: { chatId: 'c', extra: { New: 1 } },
      visitor: { id: 'v' },
      salesforce: { mode: 'attachCaseToContact' },
    });
    expect(Object.keys(event.chat.extra ?? {})).toEqual(['New']);
  });

  it('may come without visitor and Salesforce', () => {
    expect(read({ ChatId: 'c' })).toMatchObject({ visitor: null, salesforce: null });
  });

  it.each([
    [1, 'facebook'],
    ['2', 'googlePlus'],
    ['Facebook', 'facebook'],
    ['google plus', 'googlePlus'],
    [0, 'none'],
    [9, 'unknown(9)'],
    ['Elsewhere', 'unknown(Elsewhere)'],
    ['', null],
  ])('reads SocialMediaSource %p, number and text in the seed, as %p', (SocialMediaSource, expected) => {
    expect(chat({ SocialMediaSource }).socialMediaSource).toBe(expected);
  });

  it('joins both spellings of its custom variables by id', () => {
    const variables = chat({
      CustomVariables: [{ Id: 2, value: 'no' }, { Id: 3 }],
      CustomVariable: [
        { Id: 1, Name: 'a', value: 'b', url: 'c' },
        { Id: 2, Value: 'yes' },
      ],
    }).customVariables;
    expect(variables.map(({ id, value }) => [id, value])).toEqual([
      ['1', 'b'],
      ['2', 'yes'],
      ['3', null],
    ]);
  });

  it('keeps its four chat types apart', () => {
    const types = [0, 1, 2, 3, 4].map((ChatType) => chat({ ChatType }).chatType);
    expect(types).toEqual(['agentOnly', 'chatbotOnly', 'botToAgent', 'chatbot', 'unknown(4)']);
  });

  it('has ids as text, 0 and empty being none', () => {
    expect(chat({ TicketId: 12, PreChatDepartmentId: 0, AgentIds: [1, 0, '2', null], SessionId: 0 })).toMatchObject({
      ticketId: '12',
      preChat: { departmentId: null },
      agentIds: ['1', '2'],
      sessionId: null,
    });
    expect([0, '', '0', '00000000-0000-0000-0000-000000000000'].map((TicketId) => chat({ TicketId }).ticketId)).toEqual(
      [null, null, null, null],
    );
  });

  it('knows who spoke last, the bot too, under the misspelt name and the right one', () => {
    const speakers = [-1, 0, 1, 2, 3, 'unknow'].map((LasMessageSendBy) => chat({ LasMessageSendBy }).lastMessageSentBy);
    expect(speakers).toEqual(['unknown', 'visitor', 'agent', 'system', 'chatbot', 'unknown']);
    expect(chat({ LastMessageSendBy: 1 }).lastMessageSentBy).toBe('agent');
  });

  it('has its conversation as text, and by message where the server sends that', () => {
    expect(
      chat({ content: 'Hi', Messages: [{ SenderType: 3, Content: 'Hi', Time: '2026-03-02T09:15:04' }] }),
    ).toMatchObject({
      transcript: 'Hi',
      messages: [{ senderType: 'chatbot', content: 'Hi', at: '2026-03-02T09:15:04.000Z' }],
    });
  });

  it('says in one place what the visitor entered', () => {
    expect(chat({ PreChatName: 'Ann', PreChatEmail: 'ann@example.com', PreChatProductService: 'x' }).contact).toEqual({
      name: 'Ann',
      company: null,
      phone: null,
      email: 'ann@example.com',
      productService: 'x',
    });
  });

  it('has a rating of 0 as none', () => {
    expect(chat({ RatingGrade: 0 }).ratingGrade).toBeNull();
    expect(chat({ RatingGrade: '5' }).ratingGrade).toBe(5);
  });

  it('has no times where .NET had DateTime.MinValue, and UTC where it had no zone', () => {
    expect(chat({ Start: '2026-03-02T09:15:04.1234567', End: '0001-01-01T00:00:00' })).toMatchObject({
      startedAt: '2026-03-02T09:15:04.123Z',
      endedAt: null,
    });
    expect(chat({ Cobrowse: { Start: '0001-01-01T00:00:00+08:00', Status: 1 } }).cobrowse).toEqual({
      startedAt: null,
      endedAt: null,
      status: 'requested',
    });
  });

  it('says of a transfer what its ids are', () => {
    expect(
      chat({ TransferLogs: [{ TransferType: 1, FromId: 3, ToId: 4, AgentId: 5, IfSuccess: 1 }] }).transfers,
    ).toEqual([{ at: null, kind: 'department', fromId: '3', toId: '4', byAgentId: '5', isSuccessful: true }]);
  });

  it('keeps files, and what the bot did, the latter with the chat it names', () => {
    expect(
      chat({
        Attachments: [{ Uid: 'u', FilePath: '/p', Url: 'https://x', IsNoteFile: true }],
        BotActions: [{ ChatId: 7, RateType: 2 }],
      }),
    ).toMatchObject({
      attachments: [{ id: 'u', name: null, filePath: '/p', url: 'https://x', isNote: true }],
      botActions: [{ chatId: '7', rateType: 2 }],
    });
  });

  it('has the visitor by the last known name, which is no surname', () => {
    expect(
      read({
        ChatId: 'c',
        Visitor: {
          LastName: 'Ann Example',
          TimeZone: 8,
          RelatedType: 3,
          RelatedId: 9007199254740993n,
          segmentIds: [1, 1, 2],
        },
      }).visitor,
    ).toMatchObject({
      lastKnownName: 'Ann Example',
      timeZone: '8',
      relatedType: 'contract',
      relatedId: '9007199254740993',
      segmentIds: ['1', '2'],
    });
  });

  it('takes modes of Salesforce by number, by the misspelt name and the right one, and keeps unknown ones', () => {
    const modes = [0, 10, 'UpdateAllContactFiledsAndAttachTask', 'Create Case', 11, null].map(
      (PurposeChatEnd) => read({ ChatId: 'c', Salesforce: { PurposeChatEnd } }).salesforce?.mode,
    );
    expect(modes).toEqual([
      'createCase',
      'updateAllContactFieldsAndAttachTask',
      'updateAllContactFieldsAndAttachTask',
      'createCase',
      'unknown(11)',
      null,
    ]);
  });

  it('keeps the fields for Salesforce in order, repeated names too', () => {
    const fields = [
      { Name: 'a', value: '1', DisplayValue: 'one' },
      { Name: 'a', Value: '2' },
    ];
    expect(read({ ChatId: 'c', Salesforce: { Cases: fields } }).salesforce?.caseFields).toEqual([
      { name: 'a', value: '1', displayValue: 'one' },
      { name: 'a', value: '2', displayValue: null },
    ]);
  });
});
