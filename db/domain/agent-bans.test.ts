import { type DomainDatabase, eventOf, openDomainDatabase } from '../../tests/domain-database';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('bans', () => {
  it('can be looked up by visitor and by address', async () => {
    await db.save(
      eventOf('Agent.Ban', { SiteId: 7, BanType: 0, IpFromOrVisitorId: '636512345678901234' }, '10:00:00', 'a'),
      eventOf('Agent.Ban', { SiteId: 7, BanType: 1, IpFromOrVisitorId: 3232235777 }, '10:00:00', 'b'),
      eventOf('Agent.Ban', { SiteId: 7, BanType: 2, IpFromOrVisitorId: '10.0.0.1', IpTo: '10.0.0.9' }, '10:00:00', 'c'),
      eventOf('Agent.Ban', { SiteId: 7, BanType: 1, IpFromOrVisitorId: '2001:db8::1' }, '10:00:00', 'd'),
      eventOf('Agent.Ban', { SiteId: 7, BanType: 7, IpFromOrVisitorId: 12, IpTo: 13 }, '10:00:00', 'e'),
    );
    const rows = await db.query(`
      select kind, visitor_id, host(ip) as ip, host(ip_to) as ip_to, unknown_kind, unknown_from, unknown_to
      from agent_ban order by event_key`);
    const none = { visitor_id: null, ip: null, ip_to: null, unknown_kind: null, unknown_from: null, unknown_to: null };
    expect(rows).toEqual([
      { ...none, kind: 'visitor', visitor_id: '636512345678901234' },
      { ...none, kind: 'ip', ip: '192.168.1.1' },
      { ...none, kind: 'ipRange', ip: '10.0.0.1', ip_to: '10.0.0.9' },
      { ...none, kind: 'ip', ip: '2001:db8::1' },
      { ...none, kind: 'unknown', unknown_kind: 'unknown(7)', unknown_from: '12', unknown_to: '13' },
    ]);
  });
});
