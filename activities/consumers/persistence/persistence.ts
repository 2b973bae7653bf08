import type { Tx } from '../../../db/tx';
import type { ChatEvent } from '../../../events/catalogue';
import type { InDatabaseConsumer } from '../../consumer';

/**
 * Stores what events say in the tables that one reports from. It needs no connection, skips nothing, and writes in the
 * transaction that marks the delivery as delivered.
 *
 * @param saveEvents from db/domain; saving an event again changes nothing
 */
export function createPersistence(
  saveEvents: (tx: Tx, events: readonly ChatEvent[]) => Promise<void>,
): InDatabaseConsumer {
  return { kind: 'inDatabase', write: saveEvents };
}
