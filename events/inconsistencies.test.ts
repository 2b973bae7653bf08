import type { DataOf, EventType } from './catalogue';
import { readEvent } from './read-event';

/** How each inconsistency of the seed is read. */
function read<T extends EventType>(type: T, data: object): DataOf<T> {
  const outcome = readEvent({ type, siteId: 1, data }, { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.event.data as DataOf<T>;
}
const chat = (data: object) => read('Chat.Ended', { ChatId: 'c', ...data }).chat;

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
    const event = read('Chat.Ended', data);
    expect(event).toMatchObject({
      chat: { chatId: 'c', extra: { New: 1 } },
      visitor: { id: 'v' },
      salesforce: { mode: 'attachCaseToContact' },
    });
    expect(Object.keys(event.chat.extra ?? {})).toEqual(['New']);
  });

  it('may come without visitor and Salesforce', () => {
    expect(read('Chat.Ended', { ChatId: 'c' })).toMatchObject({ visitor: null, salesforce: null });
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
      read('Chat.Ended', {
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
      (PurposeChatEnd) => read('Chat.Ended', { ChatId: 'c', Salesforce: { PurposeChatEnd } }).salesforce?.mode,
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
    expect(read('Chat.Ended', { ChatId: 'c', Salesforce: { Cases: fields } }).salesforce?.caseFields).toEqual([
      { name: 'a', value: '1', displayValue: 'one' },
      { name: 'a', value: '2', displayValue: null },
    ]);
  });
});

it('OfflineMessage.Submit has visitor, contact, its file and the gate of its integrations', () => {
  const data = {
    visitorId: 'v',
    VisitorName: 'Ann',
    Segments: [3],
    CampainId: 4,
    TicketId: 0,
    RouteToType: 2,
    ChatSource: 'ManuallyInvitation',
  };
  expect(read('OfflineMessage.Submit', { ...data, AttachmentName: 'a.txt', AttachmentContent: 'SGk=' })).toMatchObject({
    visitor: { id: 'v', segmentIds: ['3'] },
    contact: { name: 'Ann' },
    campaignId: '4',
    ticketId: null,
    routeToType: 'agent',
    chatSource: 'manualInvitation',
    attachments: [{ name: 'a.txt', size: 2, content: 'SGk=' }],
    isIntegrationEnabled: null,
  });
  expect(read('OfflineMessage.Submit', {}).attachments).toEqual([]);
});

it('Visitor.Rating is of the chat by its GUID if there is one, and keeps the number', () => {
  expect(read('Visitor.Rating', { ChatId: 5, ChatGuid: 'g', ratingGrade: 0 })).toMatchObject({
    chatId: 'g',
    chatNumber: '5',
    ratingGrade: null,
  });
  expect(read('Visitor.Rating', { ChatId: 5, ChatGuid: '' })).toMatchObject({ chatId: '5', chatNumber: '5' });
  expect(read('Visitor.Rating', { ChatGuid: 'g' })).toMatchObject({ chatId: 'g', chatNumber: null });
});

it('Agent.Wrapup has the categories of list and single field', () => {
  expect(read('Agent.Wrapup', { ChatId: 5, CategoryId: 4, CategoryList: [5, 4, 0] }).categoryIds).toEqual(['5', '4']);
  expect(read('Agent.Wrapup', { ChatId: 5, CategoryId: 4 }).categoryIds).toEqual(['4']);
  expect(read('Agent.Wrapup', { ChatId: 5, CategoryId: 0, CategoryList: null }).categoryIds).toEqual([]);
});

it.each([
  ['CannedMessage.UseLog', { ChatId: 1, CannedMessgeId: 8 }, { cannedMessageId: '8' }],
  ['CannedMessage.UseLog', { ChatId: 1, CannedMessageId: 8 }, { cannedMessageId: '8' }],
  ['PrivateMessage.Log', { Messages: [{ AttachmentGuid: 'g' }] }, { messages: [{ attachmentId: 'g' }] }],
  [
    'ChatQueue.Log',
    { Messages: [{ NumberOfQueue: 2, LogTime: '2026-03-02' }] },
    { entries: [{ queueLength: 2, at: '2026-03-02T00:00:00.000Z' }] },
  ],
  ['AgentStatus.Log', { Stauts: 3 }, { status: 3 }],
  ['AgentStatus.Log', { Status: '3' }, { status: 3 }],
  [
    'AutoInvitation.Log',
    { Logs: [{ CampainId: 1, InvitaionId: 2, SetNumber: 3 }] },
    { entries: [{ campaignId: '1', invitationId: '2', sentCount: 3 }] },
  ],
  [
    'ManualInvitation.Log',
    { Logs: [{ Status: 2, TranscriptType: 1, TranscriptId: 9 }] },
    { entries: [{ status: 'refused', transcriptType: 'offlineMessage', transcriptId: '9' }] },
  ],
  [
    'Conversion.Log',
    { Logs: [{ Id: 0, CookIdenitityId: '636512345678901234', ConversionValue: 0.1, ConversionAccelerateType: 1 }] },
    { entries: [{ id: null, cookieIdentityId: '636512345678901234', amount: '0.1', attribution: 'lastChat' }] },
  ],
  [
    'Agent.SavePreference',
    { Columns: [{ EnumColumn: 1, CustomVariableId: 0 }] },
    { columns: [{ column: 1, customVariableId: null }] },
  ],
] as const)('%s is read from %j', (type, data, expected) => {
  expect(read(type, data)).toMatchObject(expected);
});

describe('Agent.Ban', () => {
  it.each([
    [
      { BanType: 0, IpFromOrVisitorId: '636512345678901234' },
      { kind: 'visitor', visitorId: '636512345678901234' },
    ],
    [
      { BanType: 0, IpFromOrVisitorId: 'a-guid' },
      { kind: 'visitor', visitorId: 'a-guid' },
    ],
    [
      { BanType: 1, IpFromOrVisitorId: 3232235777 },
      { kind: 'ip', ip: '192.168.1.1' },
    ],
    [
      { BanType: 1, IpFromOrVisitorId: -1062731519 },
      { kind: 'ip', ip: '192.168.1.1' },
    ],
    [
      { BanType: 1, IpFromOrVisitorId: '2001:db8::1' },
      { kind: 'ip', ip: '2001:db8::1' },
    ],
    [
      { BanType: 'iparrange', IpFromOrVisitorId: '10.0.0.0', IpTo: 167772415 },
      { kind: 'ipRange', from: '10.0.0.0', to: '10.0.0.255' },
    ],
    [
      { BanType: 7, IpFromOrVisitorId: 1, IpTo: 2 },
      { kind: 'unknown', banType: 'unknown(7)', from: '1', to: '2' },
    ],
    [{}, { kind: 'unknown', banType: null, from: null, to: null }],
  ])('reads the target of %j', (data, target) => {
    expect(read('Agent.Ban', data).target).toEqual(target);
  });

  it('was done by the operator, else the agent', () => {
    expect(read('Agent.Ban', { OperatorId: 2, AgentId: 1 })).toMatchObject({ actorId: '2', agentId: '1' });
    expect(read('Agent.Ban', { OperatorId: 0, AgentId: 1 })).toMatchObject({ actorId: '1', agentId: '1' });
  });

  it.each(['somewhere', 4294967296, '300.1.1.1'])('refuses the address %p', (IpFromOrVisitorId) => {
    expect(() => read('Agent.Ban', { BanType: 1, IpFromOrVisitorId })).toThrow('data.IpFromOrVisitorId');
  });
});
