import type { ChatEvent } from '../../events/catalogue';
import { chatEnded, offlineMessage, openTicketDatabase, type TicketDatabase } from '../../tests/ticket-database';

let db: TicketDatabase;

beforeAll(async () => {
  db = await openTicketDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

/** Sites whose numbers are not 1, 2, 3, ... or differ from their counter. */
const gaps = () =>
  db.query(`select t.site_id from ticket t join ticket_counter c using (site_id) group by t.site_id, c.last_number
    having min(number) <> 1 or max(number) <> count(*) or c.last_number <> count(*)`);

/** Runs all at once; all must succeed. */
async function writeAtOnce(lists: readonly ChatEvent[][]): Promise<void> {
  const settled = await Promise.allSettled(lists.map((events) => db.write(...events)));
  expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
}

describe('concurrent transactions', () => {
  it('number the tickets of one site without gaps, although some are rolled back', async () => {
    const poisoned = { ...offlineMessage('refused'), receivedAt: 'never' };
    const lists = Array.from({ length: 60 }, (_, n) => [offlineMessage(`a${n}`), offlineMessage(`b${n}`)]);
    const settled = await Promise.allSettled(
      lists.map((events, n) => db.write(...events, ...(n % 6 === 0 ? [poisoned] : []))),
    );
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await db.query('select count(*)::int as n from ticket')).toEqual([{ n: 100 }]);
    expect(await gaps()).toEqual([]);
  });

  it('of many sites in any order wait in line, never in a circle', async () => {
    const sites = Array.from({ length: 12 }, (_, n) => n + 1);
    const lists = Array.from({ length: 40 }, (_, writer) => {
      const turned = [...sites.slice(writer % 12), ...sites.slice(0, writer % 12)];
      const ordered = writer % 2 === 0 ? turned : turned.reverse();
      return ordered.flatMap((SiteId) => [
        chatEnded(`c${writer}`, { SiteId, IfNewTicket: true, PreChatEmail: `p${writer % 3}@example.com` }),
        offlineMessage(`m${writer}`, { SiteId, TicketId: (writer % 5) + 1, VisitorEmail: 'ann@example.com' }),
      ]);
    });
    await writeAtOnce(lists);
    expect(await gaps()).toEqual([]);
    const counts = 'select site_id, count(*)::int as n from ticket group by 1';
    expect(await db.query(counts)).toEqual(
      expect.arrayContaining(sites.map((site) => ({ site_id: `${site}`, n: 45 }))),
    );
    expect(await db.query('select count(*)::int as n from ticket_message')).toEqual([{ n: 40 * 12 * 2 }]);
    expect(await db.rowsOf('ticket_requester')).toHaveLength(12 * 4);
  });

  describe('of a site that has tickets', () => {
    beforeEach(() => db.write(offlineMessage('first')));

    it('and of one external id end with one ticket and all messages', async () => {
      await writeAtOnce([
        [chatEnded('a', { IfNewTicket: true, TicketId: 'T' })],
        [chatEnded('b', { TicketId: 'T' })],
        [chatEnded('c', { IfNewTicket: true, TicketId: 'T' })],
      ]);
      expect(await db.rowsOf('ticket')).toMatchObject([{ number: 1 }, { number: 2, external_ticket_id: 'T' }]);
      expect(await db.rowsOf('ticket_message')).toHaveLength(4);
    });

    it('and of one chat that ends under several ids end with one ticket', async () => {
      await writeAtOnce(['x', 'y', 'z'].map((id) => [chatEnded('a', { IfNewTicket: true }, '10:00:00', id)]));
      expect(await db.rowsOf('ticket')).toHaveLength(2);
      expect(await db.rowsOf('ticket_message')).toHaveLength(4);
    });

    it('and of one event write it once', async () => {
      await writeAtOnce(Array.from({ length: 10 }, () => [offlineMessage('m'), chatEnded('a', { IfNewTicket: true })]));
      expect(await db.rowsOf('ticket')).toHaveLength(3);
      expect(await db.rowsOf('ticket_counter')).toEqual([{ site_id: '7', last_number: 3 }]);
    });
  });
});
