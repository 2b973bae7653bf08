import { exampleOf } from '../../../tests/domain-database';
import { chatEnded, offlineMessage, openTicketDatabase, type TicketDatabase } from '../../../tests/ticket-database';
import { readEntry } from './read-entry';

let db: TicketDatabase;

beforeAll(async () => {
  db = await openTicketDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

const at = (time: string) => new Date(`2026-11-20T${time}Z`);

describe('a ticket holds', () => {
  it('of a chat: who, where, the transcript and its files', async () => {
    await db.write(exampleOf('Chat.Ended'));
    const event_key = 'Chat.Ended/10001/e1';
    const chat_id = '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10';
    expect(await db.rowsOf('ticket')).toEqual([
      {
        site_id: '10001',
        number: 1,
        external_ticket_id: '9001',
        subject: 'Chat with Ann Example',
        status: 'open',
        source: 'chat',
        chat_id,
        source_chat_id: null,
        department_id: '3',
        agent_id: '15',
        agent_ids: ['12', '15'],
        requester_email: 'ann@example.com',
        event_key,
        created_at: at('10:00:00'),
        updated_at: at('10:00:00'),
      },
    ]);
    const person = { site_id: '10001', email: 'ann@example.com', name: 'Ann Example' };
    expect(await db.rowsOf('ticket_requester')).toEqual([
      { ...person, phone: '+1 555 0100', company: 'Example Ltd', event_key, received_at: at('10:00:00') },
    ]);
    expect(await db.rowsOf('ticket_message')).toEqual([
      {
        event_key,
        site_id: '10001',
        ticket_number: 1,
        kind: 'transcript',
        chat_id,
        author_name: 'Ann Example',
        author_email: 'ann@example.com',
        body: 'Ann: Where is my invoice?\nBot: Do you mean the last one?\nBob: I have sent it to you.',
        received_at: at('10:00:00'),
      },
    ]);
    const url = 'https://files.example.com/invoice.pdf';
    expect(await db.rowsOf('ticket_attachment')).toEqual([
      { event_key, position: 0, name: null, size: null, sha256: null, url, is_note: false },
    ]);
  });

  it('of an offline message: who, where, the text and its file by reference', async () => {
    await db.write(exampleOf('OfflineMessage.Submit'));
    expect(await db.rowsOf('ticket')).toMatchObject([
      {
        external_ticket_id: '9002',
        subject: 'Invoice missing',
        source: 'offlineMessage',
        chat_id: null,
        source_chat_id: '7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
        department_id: '3',
        agent_id: null,
        requester_email: 'ann@example.com',
      },
    ]);
    expect(await db.rowsOf('ticket_message')).toMatchObject([
      { kind: 'offlineMessage', body: 'Please send me a copy of my last invoice.', author_name: 'Ann Example' },
    ]);
    expect(await db.rowsOf('ticket_attachment')).toMatchObject([
      { position: 0, name: 'note.txt', size: 13, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), url: null },
    ]);
  });

  it("a mark on files of agents' notes", async () => {
    const files = [{ Url: 'https://a/1' }, { Url: 'https://a/2', IsNoteFile: true }];
    await db.write(chatEnded('a', { IfNewTicket: true, Attachments: files }));
    expect(await db.rowsOf('ticket_attachment')).toMatchObject([
      { position: 0, url: 'https://a/1', is_note: false },
      { position: 1, url: 'https://a/2', is_note: true },
    ]);
  });

  it('when it was opened and when it got its latest message, in any order of their arrival', async () => {
    await db.write(offlineMessage('m', { TicketId: 1 }, '10:02:00'), offlineMessage('n', { TicketId: 1 }, '10:03:00'));
    await db.write(offlineMessage('early', { TicketId: 1 }, '10:01:00'));
    expect(await db.rowsOf('ticket')).toMatchObject([
      { created_at: at('10:02:00'), updated_at: at('10:03:00'), event_key: 'OfflineMessage.Submit/7/m' },
    ]);
    await db.write(offlineMessage('late', { TicketId: 1 }, '10:04:00'));
    expect(await db.rowsOf('ticket')).toMatchObject([{ updated_at: at('10:04:00') }]);
  });
});

describe('the conversation', () => {
  const Messages = [
    { SendTime: '2026-03-02T09:15:04', SenderName: 'Ann', Content: 'Hello' },
    { SenderType: 3, Content: 'Hi' },
  ];

  it.each([
    ['the transcript', { content: 'as one text' }, 'as one text'],
    [
      'the messages line by line',
      { content: 'as one text', Messages },
      '2026-03-02 (UTC)\n09:15:04 Ann: Hello\nchatbot: Hi',
    ],
    ['none', {}, null],
  ])('is %s', (_, chat, body) => {
    expect(readEntry(chatEnded('a', { ...chat, IfNewTicket: true }))?.message.body).toBe(body);
  });
});

describe('the route', () => {
  const to = (TransferType: number, ToId: number, IfSuccess = true) => ({ TransferType, ToId, IfSuccess });

  it.each([
    ['the department before the chat and its only agent', { PreChatDepartmentId: 3, AgentIds: [5] }, ['3', '5']],
    ['no agent of several', { AgentIds: [5, 6] }, [null, null]],
    ['where it was handed last', { PreChatDepartmentId: 3, TransferLogs: [to(1, 4), to(0, 8), to(0, 9)] }, ['4', '9']],
    ['not where it never arrived', { PreChatDepartmentId: 3, TransferLogs: [to(1, 4, false)] }, ['3', null]],
  ])('of a chat is %s', (_, chat, [departmentId, agentId]) => {
    expect(readEntry(chatEnded('a', { ...chat, IfNewTicket: true }))).toMatchObject({ departmentId, agentId });
  });

  it.each([
    [0, [null, null]],
    [1, ['9', null]],
    [2, [null, '9']],
    [3, [null, null]],
  ])('of an offline message by RouteToType %s', (RouteToType, [departmentId, agentId]) => {
    expect(readEntry(offlineMessage('m', { RouteToType, RouteToId: 9 }))).toMatchObject({ departmentId, agentId });
  });
});

describe('the requester', () => {
  it('is one per address, with the latest of their data, in any order of arrival', async () => {
    const from = (id: string, email: string, more: object, time: string) =>
      offlineMessage(id, { VisitorEmail: email, ...more }, time);
    const events = [
      from('a', ' Ann@Example.com ', { VisitorName: 'A', VisitorPhone: '1' }, '10:00:00'),
      from('b', 'ann@example.com', { VisitorName: 'Ann', VisitorCompany: 'Ltd' }, '10:01:00'),
      from('c', 'ANN@example.com', {}, '10:02:00'),
    ];
    const person = [
      {
        site_id: '7',
        email: 'ann@example.com',
        name: 'Ann',
        phone: '1',
        company: 'Ltd',
        event_key: 'OfflineMessage.Submit/7/c',
        received_at: at('10:02:00'),
      },
    ];
    await db.write(...events);
    expect(await db.rowsOf('ticket_requester')).toEqual(person);
    expect(new Set((await db.rowsOf('ticket')).map((row) => row['requester_email']))).toEqual(
      new Set(['ann@example.com']),
    );
    await db.empty();
    for (const event of [...events].reverse()) await db.write(event);
    expect(await db.rowsOf('ticket_requester')).toEqual(person);
  });

  it.each([null, '', '  ', 'none', `${'a'.repeat(3000)}@example.com`])('is nobody for %j', async (VisitorEmail) => {
    await db.write(offlineMessage('m', { VisitorName: 'Ann', VisitorEmail }));
    expect(await db.rowsOf('ticket')).toMatchObject([{ requester_email: null }]);
    expect(await db.rowsOf('ticket_message')).toMatchObject([{ author_name: 'Ann' }]);
    expect(await db.rowsOf('ticket_requester')).toEqual([]);
  });

  it('of a chat is who they said they are, else who they were last known as', () => {
    const event = exampleOf('Chat.Ended');
    if (event.type !== 'Chat.Ended') throw new Error('not a chat');
    const contact = { ...event.data.chat.contact, name: null, email: null };
    const unnamed = { ...event, data: { ...event.data, chat: { ...event.data.chat, contact } } };
    expect(readEntry(unnamed)?.requester).toMatchObject({ email: 'ann@example.com', name: 'Ann Example' });
  });
});
