import { type DomainDatabase, eventOf, openDomainDatabase } from '../../tests/domain-database';

let db: DomainDatabase;

beforeAll(async () => {
  db = await openDomainDatabase();
});
afterAll(() => db.close());
beforeEach(() => db.empty());

describe('conversions', () => {
  it('are put down to the first or the last chat, as sent, and their amounts add up exactly', async () => {
    const entry = { ChatId: 1, DepartmentId: 2, CurrentChatId: 3, CurrentDepartmentId: 4 };
    const Logs = [
      { ...entry, ConversionAccelerateType: 0, ConversionValue: 0.1 },
      { ...entry, ConversionAccelerateType: 1, ConversionValue: 0.2 },
      { ...entry, ConversionAccelerateType: 9, ConversionValue: '12345678901234567890.01' },
    ];
    await db.save(eventOf('Conversion.Log', { SiteId: 7, Logs }, '10:00:00'));
    expect(await db.rowsOf('conversion')).toMatchObject([
      { attributed_chat_id: '1', attributed_department_id: '2', converted_at: new Date('2026-11-20T10:00:00Z') },
      { attributed_chat_id: '3', attributed_department_id: '4' },
      { attributed_chat_id: null, attributed_department_id: null, attribution: 'unknown(9)' },
    ]);
    const rows = await db.query('select trim_scale(sum(amount))::text as sum from conversion');
    expect(rows).toEqual([{ sum: '12345678901234567890.31' }]);
  });
});
