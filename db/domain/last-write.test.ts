import { type DomainDatabase, eventOf, openDomainDatabase } from '../../tests/domain-database';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('Chat.Ended', () => {
  const chat = (ChatId: string, rest: object = {}, parts: object = {}) => ({
    Chat: { ChatId, SiteId: 7, ...rest },
    ...parts,
  });

  it('keeps lists in their order, beside the chat', async () => {
    const TransferLogs = [
      { Time: '2026-11-20T09:01:00', TransferType: 1, FromId: 3, ToId: 4, AgentId: 9, IfSuccess: true },
      { Time: '2026-11-20T09:02:00', TransferType: 5, FromId: 4, ToId: 0, AgentId: 9, IfSuccess: false },
    ];
    await db.save(eventOf('Chat.Ended', chat('c1', { AgentIds: [9, 12], TransferLogs }), '10:00:00'));

    expect(await db.rowsOf('chat')).toMatchObject([{ site_id: '7', chat_id: 'c1', agent_ids: ['9', '12'] }]);
    expect(await db.rowsOf('chat_transfer')).toMatchObject([
      { position: 0, chat_id: 'c1', kind: 'department', from_id: '3', to_id: '4', is_successful: true },
      { position: 1, chat_id: 'c1', kind: 'unknown(5)', from_id: '4', to_id: null, is_successful: false },
    ]);
  });

  it('takes the chat of the latest event with its lists only, whichever came last', async () => {
    const earlier = eventOf(
      'Chat.Ended',
      chat('c1', { content: 'old', BotActions: [{ Guid: 'a' }, { Guid: 'b' }] }),
      '10:00:00',
      'e1',
    );
    const later = eventOf('Chat.Ended', chat('c1', { content: 'new', BotActions: [{ Guid: 'c' }] }), '11:00:00', 'e2');
    for (const order of [
      [earlier, later],
      [later, earlier],
    ]) {
      await db.query('truncate chat cascade');
      for (const one of order) await db.save(one);
      expect(await db.rowsOf('chat')).toMatchObject([{ transcript: 'new', event_key: 'Chat.Ended/7/e2' }]);
      expect(await db.rowsOf('chat_bot_action')).toMatchObject([{ action_id: 'c', position: 0 }]);
    }
  });

  it('removes the lists of the earlier event when the later one has none', async () => {
    await db.save(eventOf('Chat.Ended', chat('c1', { Attachments: [{ Uid: 'f' }] }), '10:00:00', 'e1'));
    await db.save(eventOf('Chat.Ended', chat('c1'), '11:00:00', 'e2'));
    expect(await db.rowsOf('chat_attachment')).toEqual([]);
  });

  it('lets the greater key win, by its bytes, where two events were received at the same time', async () => {
    const all = ['a', 'B', 'é', '😀', '～'].map((id) =>
      eventOf('Chat.Ended', chat('c1', { content: id }), '10:00:00', id),
    );
    await db.save(...all.slice(2), ...all.slice(0, 2));
    expect(await db.rowsOf('chat')).toMatchObject([{ transcript: '😀' }]);
  });

  it('keeps the chats of two sites apart', async () => {
    const mine = eventOf('Chat.Ended', chat('c1', { content: 'mine' }), '10:00:00');
    const theirs = { ...mine, siteId: '8' };
    await db.save(mine, theirs);
    expect((await db.rowsOf('chat')).map((row) => row['site_id'])).toEqual(['7', '8']);
  });

  it('stores text byte for byte, whatever the script', async () => {
    const text = 'مرحبا 👩‍👩‍👧 \u202eabc\u202c naïve e\u0301 \\u0041 {"a":1} \'; drop table chat; --\r\n\t€ 𝒳';
    await db.save(
      eventOf('Chat.Ended', chat('c1', { content: text, CustomFields: [{ Id: 1, Value: text }] }), '10:00:00'),
    );
    expect(await db.rowsOf('chat')).toMatchObject([{ transcript: text, custom_fields: [{ id: '1', value: text }] }]);
  });
});

describe('ratings', () => {
  const chatRated = (grade: number, at: string) =>
    eventOf('Chat.Ended', { Chat: { ChatId: 'c1', SiteId: 7, RatingGrade: grade } }, at, `chat${at}`);
  const rating = (grade: number, at: string, rest: object = {}) =>
    eventOf('Visitor.Rating', { SiteId: 7, ChatGuid: 'c1', ratingGrade: grade, ...rest }, at, `rating${at}`);
  const grade = async () => (await db.rowsOf('chat_rating')).map((row) => row['grade']);

  it('keeps a rating that comes before its chat', async () => {
    await db.save(rating(5, '10:00:00', { ratingComment: 'good' }));
    await db.save(chatRated(0, '11:00:00'));
    expect(await db.rowsOf('chat_rating')).toMatchObject([{ grade: 5, comment: 'good' }]);
    expect(await db.rowsOf('chat')).toHaveLength(1);
  });

  it('lets the later receivedAt win between the chat and the rating', async () => {
    await db.save(chatRated(2, '11:00:00'), rating(5, '10:00:00'));
    expect(await grade()).toEqual([2]);
    await db.save(rating(4, '12:00:00'));
    expect(await grade()).toEqual([4]);
  });

  it('never lets grade 0 take the place of a grade, before or after it', async () => {
    await db.save(rating(0, '12:00:00', { ratingComment: 'no grade' }));
    expect(await grade()).toEqual([null]);
    await db.save(rating(3, '10:00:00'));
    await db.save(rating(0, '13:00:00'));
    expect(await grade()).toEqual([3]);
  });

  it("keeps the form's fields when the chat rates later", async () => {
    await db.save(rating(3, '10:00:00', { CustomFields: [{ Id: 1, Name: 'Why', Value: 'slow' }] }));
    await db.save(chatRated(4, '11:00:00'));
    expect(await db.rowsOf('chat_rating')).toMatchObject([
      { grade: 4, custom_fields: [{ name: 'Why', value: 'slow' }] },
    ]);
  });
});

describe('wrap-ups', () => {
  it('merge with the comment of the chat by receivedAt, and keep what only a wrap-up has', async () => {
    const wrapup = { SiteId: 7, ChatId: 5, AgentId: 9, CategoryList: [1, 2], Comment: 'from the wrap-up' };
    const chat = { Chat: { ChatId: '5', SiteId: 7, AgentComment: 'from the chat' } };
    await db.save(eventOf('Chat.Ended', chat, '11:00:00'), eventOf('Agent.Wrapup', wrapup, '10:00:00'));
    expect(await db.rowsOf('chat_wrapup')).toMatchObject([
      { chat_id: '5', comment: 'from the chat', agent_id: '9', category_ids: ['1', '2'] },
    ]);
  });
});

describe('visitors', () => {
  it('are last known from chats and offline messages, without losing who they are', async () => {
    const chat = { Chat: { ChatId: 'c1', SiteId: 7 }, Visitor: { Id: 'v1', City: 'Bonn', LastName: 'Ann' } };
    await db.save(eventOf('Chat.Ended', chat, '10:00:00'));
    await db.save(eventOf('OfflineMessage.Submit', { SiteId: 7, visitorId: 'v1', City: 'Lyon' }, '11:00:00'));
    expect(await db.rowsOf('visitor')).toMatchObject([{ visitor_id: 'v1', city: 'Lyon', last_known_name: 'Ann' }]);
  });
});

describe('preferences', () => {
  it('are those of the latest event, columns in order', async () => {
    const columns = (...Columns: object[]) => ({ SiteId: 7, AgentId: 9, Columns });
    await db.save(
      eventOf('Agent.SavePreference', columns({ EnumColumn: 5, Width: 80 }, { EnumColumn: 1 }), '11:00:00', 'b'),
    );
    await db.save(eventOf('Agent.SavePreference', columns({ EnumColumn: 2 }), '10:00:00', 'a'));
    expect(await db.rowsOf('agent_preference_column')).toMatchObject([
      { agent_id: '9', position: 0, column_number: 5, width: 80 },
      { agent_id: '9', position: 1, column_number: 1, width: null },
    ]);
  });
});
