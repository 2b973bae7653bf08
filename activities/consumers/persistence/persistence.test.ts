import { saveEvents } from '../../../db/domain/save-events';
import { inTransaction } from '../../../db/tx';
import { type DomainDatabase, eventTypes, exampleOf, openDomainDatabase } from '../../../tests/domain-database';
import { createPersistence } from './persistence';

const persistence = createPersistence(saveEvents);
const events = eventTypes.map((type) => exampleOf(type));

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('persistence', () => {
  it('stores events of every type in one go, and the same again without a trace', async () => {
    await inTransaction(db.pool, (tx) => persistence.write(tx, events));
    const stored = await db.everything(true);
    await inTransaction(db.pool, (tx) => persistence.write(tx, [...events].reverse()));

    expect(await db.everything(true)).toEqual(stored);
    const tables = db.tables.filter((table) => !['chat_message'].includes(table));
    expect(Object.keys(stored)).toEqual(expect.arrayContaining(tables));
  });

  it('leaves nothing when the transaction that marks the delivery fails', async () => {
    const failing = inTransaction(db.pool, async (tx) => {
      await persistence.write(tx, events);
      throw new Error('the outcome could not be written');
    });

    await expect(failing).rejects.toThrow('the outcome could not be written');
    expect(await db.everything()).toEqual({});
  });
});
