import type { DataOf, EventType } from './catalogue';
import { readEvent } from './read-event';

/** How each inconsistency of the seed is read. */
function read<T extends EventType>(type: T, data: object): DataOf<T> {
  const outcome = readEvent({ type, siteId: 1, data }, { id: 'x', receivedAt: '2026-03-02T09:00:00.000Z' });
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems));
  return outcome.event.data as DataOf<T>;
}

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
    [
      { BanType: 0, IpFromOrVisitorId: 0 },
      { kind: 'visitor', visitorId: '0' },
    ],
    [
      { BanType: '0', Ip: '0' },
      { kind: 'visitor', visitorId: '0' },
    ],
    [
      { BanType: 2, IpFrom: 0, IpTo: 255 },
      { kind: 'ipRange', from: '0.0.0.0', to: '0.0.0.255' },
    ],
  ])('reads the target of %j', (data, target) => {
    expect(read('Agent.Ban', data).target).toEqual(target);
  });

  it('was done by the operator, else the agent', () => {
    const target = { BanType: 0, IpFromOrVisitorId: 9 };
    expect(read('Agent.Ban', { ...target, OperatorId: 2, AgentId: 1 })).toMatchObject({ actorId: '2', agentId: '1' });
    expect(read('Agent.Ban', { ...target, OperatorId: 0, AgentId: 1 })).toMatchObject({ actorId: '1', agentId: '1' });
  });

  it.each(['somewhere', 4294967296, '300.1.1.1'])('refuses the address %p', (IpFromOrVisitorId) => {
    expect(() => read('Agent.Ban', { BanType: 1, IpFromOrVisitorId })).toThrow('data.IpFromOrVisitorId');
  });
});
