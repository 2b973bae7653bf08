import { describeInDatabaseContract } from '../../../../tests/in-database-contract';
import { exampleEvent } from '../../../../tests/send-request';
import { createNotice } from './notice';
import { saveNotice } from './save-notice';

describeInDatabaseContract('notice', {
  consumer: createNotice(saveNotice),
  event: exampleEvent('Visitor.Rating'),
  table: 'notice_entry',
  effects: async (pool) =>
    (await pool.query<{ n: number }>('select count(*)::int as n from notice_entry')).rows[0]?.n ?? 0,
});
