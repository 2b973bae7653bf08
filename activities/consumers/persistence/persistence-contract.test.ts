import { saveEvents } from '../../../db/domain/save-events';
import { PERSONAL_MARKER } from '../../../tests/consumer-contract';
import { describeInDatabaseContract } from '../../../tests/in-database-contract';
import { exampleEvent } from '../../../tests/send-request';
import { createPersistence } from './persistence';

// A count, because it shows what was done twice.
describeInDatabaseContract('persistence', {
  consumer: createPersistence(saveEvents),
  event: exampleEvent('Visit.Log', { CampainId: PERSONAL_MARKER, VisitCount: 5 }),
  table: 'visit_log',
  effects: async (pool) =>
    (await pool.query('select coalesce(sum(visits), 0)::int / 5 as n from visits_per_day')).rows[0].n,
});
