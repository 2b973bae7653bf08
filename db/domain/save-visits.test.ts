import { type DomainDatabase, eventOf, openDomainDatabase } from '../../tests/domain-database';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('counters', () => {
  const visits = (VisitCount: number, id: string, CampainId = 3) =>
    eventOf('Visit.Log', { SiteId: 7, CampainId, VisitCount }, '10:00:00', id);

  it('add each event once to the sums of its day, in UTC', async () => {
    const late = { ...visits(1, 'late'), receivedAt: '2026-11-20T23:59:59.999Z' };
    const next = { ...visits(8, 'next'), receivedAt: '2026-11-21T00:00:00.000Z' };
    await db.save(visits(4, 'a'), visits(2, 'b'), visits(16, 'none', 0));
    await db.save(visits(4, 'a'), late, next, visits(2, 'b'));
    const rows = await db.query('select campaign_id, day::text, visits from visits_per_day order by 1, 2');
    expect(rows).toEqual([
      { campaign_id: '', day: '2026-11-20', visits: 16 },
      { campaign_id: '3', day: '2026-11-20', visits: 7 },
      { campaign_id: '3', day: '2026-11-21', visits: 8 },
    ]);
  });
});
