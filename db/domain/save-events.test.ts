import type { ChatEvent } from '../../events/catalogue';
import { type DomainDatabase, eventTypes, exampleOf, openDomainDatabase } from '../../tests/domain-database';
import { inTransaction, type Tx } from '../tx';
import { eventKeyOf } from './event-row';
import { saveEvents } from './save-events';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

/** Numbers and texts inside a value, as text. Truth values and nulls say too little to be looked for. */
function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value.replace(/(\.\d{3})?(Z|\+00:00)$/, '')];
  if (typeof value === 'number') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [];
}

describe.each(eventTypes)('%s', (type) => {
  it('leaves all that the event says in the tables, under its key and site', async () => {
    const given = exampleOf(type);
    await db.save(given);

    const found = Object.values(await db.everything()).flat();
    const { salesforce: _order, ...said } = { salesforce: null, ...given.data };
    expect([...new Set(found.flatMap(leaves))]).toEqual(expect.arrayContaining(leaves(said)));
    expect(found).toEqual(found.map((row) => ({ ...row, site_id: given.siteId })));
    expect(JSON.stringify(found)).toContain(eventKeyOf(given));
  });

  it('changes nothing when the event is saved again, alone or twice in one list', async () => {
    await db.save(exampleOf(type), exampleOf(type));
    const before = await db.everything(true);
    await db.save(exampleOf(type));
    expect(await db.everything(true)).toEqual(before);
    expect(Object.keys(before).length).toBeGreaterThan(0);
  });
});

describe('cost', () => {
  const statementsFor = async (events: readonly ChatEvent[]) => {
    let statements = 0;
    await inTransaction(db.pool, async (tx) => {
      const counting: Tx = { query: (text, values) => (statements++, tx.query(text, values)) };
      await saveEvents(counting, events);
    });
    return statements;
  };

  it.each(eventTypes)('of a list of a hundred %s is that of a list of one', async (type) => {
    const one = await statementsFor([exampleOf(type)]);
    await db.empty();
    const hundred = await statementsFor(Array.from({ length: 100 }, (_, index) => exampleOf(type, `e${index}`)));
    expect(hundred).toBe(one);
    expect(one).toBeLessThanOrEqual(8);
  });
});
