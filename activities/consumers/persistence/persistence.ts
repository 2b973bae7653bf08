import type { Tx } from '../../../db/tx';
import type { ChatEvent } from '../../../events/catalogue';
import type { ConsumerAbout, Documented, InDatabaseConsumer } from '../../consumer';

/**
 * Stores events in the reporting tables. It needs no connection, skips nothing, and writes in the transaction that marks the
 * delivery as delivered.
 *
 * @param saveEvents from db/domain; saving an event again changes nothing
 */
export function createPersistence(
  saveEvents: (tx: Tx, events: readonly ChatEvent[]) => Promise<void>,
): InDatabaseConsumer & Documented {
  return { kind: 'inDatabase', about, write: saveEvents };
}

const about: ConsumerAbout = {
  what: 'Stores every event in the tables that one reports from; `prisma/schema.prisma` describes them.',
  idempotency:
    "The effect is in the transaction that marks the delivery as delivered: both stand, or neither. Rows carry the event's key, so that an event which is written again changes nothing.",
  failures: [
    ['an SQLSTATE', 'by its class: [what PostgreSQL says](failures.md#what-postgresql-says)'],
    ['none', '`Unavailable`; costs no try'],
  ],
};
