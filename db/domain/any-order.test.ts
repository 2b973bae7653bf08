import fc from 'fast-check';
import { type DomainDatabase, openDomainDatabase } from '../../tests/domain-database';
import { meetingEvents } from '../../tests/meeting-events';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('any order', () => {
  it('of events, alone or in lists, some of them twice, leaves the same rows', async () => {
    const events = meetingEvents(1);
    await db.save(...events);
    const expected = await db.everything();
    const order = fc.shuffledSubarray([...events, ...events.slice(0, 6)], { minLength: events.length + 6 });
    const batches = fc.tuple(order, fc.infiniteStream(fc.integer({ min: 1, max: 6 })));

    await fc.assert(
      fc.asyncProperty(batches, async ([shuffled, sizes]) => {
        await db.empty();
        for (const rest = [...shuffled]; rest.length > 0;) await db.save(...rest.splice(0, sizes.next().value));
        expect(await db.everything()).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  }, 120_000);
});
