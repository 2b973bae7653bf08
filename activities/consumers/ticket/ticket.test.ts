import { inTransaction } from '../../../db/tx';
import { saveTickets } from '../../../db/tickets/save-tickets';
import { exampleOf } from '../../../tests/domain-database';
import { chatEnded, offlineMessage, openTicketDatabase, type TicketDatabase } from '../../../tests/ticket-database';
import { createTicket } from './ticket';

let db: TicketDatabase;

beforeAll(async () => {
  db = await openTicketDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

const tickets = () => db.rowsOf('ticket');
const messages = () => db.query('select * from ticket_message order by received_at, event_key');
const opened = { IfNewTicket: true };
/** Tickets with the ids of the events that went to them. */
const summary = () =>
  db.query<object>(`select t.site_id as site, t.number, t.external_ticket_id as name,
      array_agg(split_part(m.event_key, '/', 3) order by m.received_at, m.event_key) as events
    from ticket t join ticket_message m on m.site_id = t.site_id and m.ticket_number = t.number
    group by 1, 2, 3 order by 1, 2`);

describe('what an event does to tickets', () => {
  it.each([
    ['a chat that opens one', [chatEnded('a', opened)], [[1, null, 'a']]],
    ['a chat that opens one under an id', [chatEnded('a', { ...opened, TicketId: 'T' })], [[1, 'T', 'a']]],
    [
      'a chat that opens one that is there',
      [offlineMessage('m', { TicketId: 9 }), chatEnded('n', { ...opened, TicketId: '9' }, '10:01:00')],
      [[1, '9', 'm', 'n']],
    ],
    [
      'a chat that appends',
      [chatEnded('a', { ...opened, TicketId: 'T' }), chatEnded('b', { TicketId: 'T' }, '10:01:00')],
      [[1, 'T', 'a', 'b']],
    ],
    ['a chat that appends to an unknown id', [chatEnded('a', { TicketId: 'T' })], [[1, 'T', 'a']]],
    ['a chat that does neither', [chatEnded('a', {}), chatEnded('b', { IfNewTicket: false, TicketId: '' })], []],
    ['an offline message', [offlineMessage('m')], [[1, null, 'm']]],
    [
      'an offline message that appends',
      [chatEnded('a', { ...opened, TicketId: '5' }), offlineMessage('m', { TicketId: 5 }, '10:01:00')],
      [[1, '5', 'a', 'm']],
    ],
    ['an offline message that appends to an unknown id', [offlineMessage('m', { TicketId: 5 })], [[1, '5', 'm']]],
    [
      'two offline messages without an id',
      [offlineMessage('m', { SourceChatId: 'c' }), offlineMessage('n', { SourceChatId: 'c' })],
      [
        [1, null, 'm'],
        [2, null, 'n'],
      ],
    ],
    [
      'a chat that ends again',
      [chatEnded('a', opened), chatEnded('a', { ...opened, TicketId: 'T' }, '10:01:00', 'again')],
      [[1, 'T', 'a', 'again']],
    ],
    [
      'a chat that ends again and then appends',
      [chatEnded('a', opened), chatEnded('a', { TicketId: 'T' }, '10:01:00', 'again')],
      [[1, 'T', 'a', 'again']],
    ],
    [
      'a chat that would open a second one under another id',
      [chatEnded('a', { ...opened, TicketId: 'T' }), chatEnded('a', { ...opened, TicketId: 'U' }, '10:01:00', 'again')],
      [[1, 'T', 'a', 'again']],
    ],
    [
      'a chat that opened one and appends to another, unknown id',
      [chatEnded('a', { ...opened, TicketId: 'T' }), chatEnded('a', { TicketId: 'U' }, '10:01:00', 'again')],
      [
        [1, 'T', 'a'],
        [2, 'U', 'again'],
      ],
    ],
    ['another event', [exampleOf('Visit.Log')], []],
  ])('%s: the same in one list, in a turned one and one by one', async (_, events, expected) => {
    const stored = expected.map(([number, name, ...ids]) => ({ site: '7', number, name, events: ids }));
    await db.write(...events);
    expect(await summary()).toEqual(stored);
    await db.empty();
    await db.write(...[...events].reverse());
    expect(await summary()).toEqual(stored);
    await db.empty();
    for (const event of events) await db.write(event);
    expect(await summary()).toEqual(stored);
  });

  it('changes nothing when it comes again, in one list or later', async () => {
    const events = [chatEnded('a', { ...opened, TicketId: 'T' }), offlineMessage('m', { VisitorEmail: 'a@b.c' })];
    const everything = async () => [await tickets(), await messages(), await db.rowsOf('ticket_requester')];
    await db.write(...events, ...events);
    const before = await everything();
    expect(before.map((rows) => rows.length)).toEqual([2, 2, 1]);
    await db.write(...events);
    for (const event of events) await db.write(event);
    expect(await everything()).toEqual(before);
    expect(await db.rowsOf('ticket_counter')).toEqual([{ site_id: '7', last_number: 2 }]);
  });

  it('stays in its site, though other sites use the same ids and addresses', async () => {
    const inSite = (site: number) => [
      chatEnded('c', { SiteId: site, ...opened, TicketId: 'T', PreChatEmail: 'a@b.c' }, '10:00:00', `c${site}`),
      offlineMessage(`m${site}`, { SiteId: site, TicketId: 'T' }, '10:01:00'),
    ];
    await db.write(...inSite(7), ...inSite(70));
    await db.write(...inSite(700));
    expect(await summary()).toEqual(
      [7, 70, 700].map((site) => ({ site: `${site}`, number: 1, name: 'T', events: [`c${site}`, `m${site}`] })),
    );
    expect(await db.rowsOf('ticket_requester')).toHaveLength(3);
  });

  it('leaves nothing, not even a number, when the transaction that marks the delivery fails', async () => {
    const { write } = createTicket(saveTickets);
    const failing = inTransaction(db.pool, async (tx) => {
      await write(tx, [chatEnded('a', opened), offlineMessage('m')]);
      throw new Error('the outcome could not be written');
    });
    await expect(failing).rejects.toThrow('the outcome could not be written');
    expect(await db.rowsOf('ticket_counter')).toEqual([]);
    await db.write(chatEnded('b', opened));
    expect(await tickets()).toMatchObject([{ number: 1, chat_id: 'b' }]);
  });

  it('costs a bounded number of statements, however long the list', async () => {
    const { write } = createTicket(saveTickets);
    let statements = 0;
    await inTransaction(db.pool, (tx) =>
      write(
        { query: (text, values) => (statements++, tx.query(text, values)) },
        Array.from({ length: 100 }, (_, n) =>
          chatEnded(`c${n}`, { SiteId: 1 + (n % 5), TicketId: `T${n % 30}`, IfNewTicket: n % 2 }),
        ),
      ),
    );
    expect(statements).toBeLessThanOrEqual(8);
    expect(await tickets()).toHaveLength(30);
    expect(await messages()).toHaveLength(100);
  });
});
