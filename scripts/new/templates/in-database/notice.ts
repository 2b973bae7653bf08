import type { ConsumerAbout, Documented, InDatabaseConsumer } from '../../../../activities/consumer';
import type { Tx } from '../../../../db/tx';
import { eventKey } from '../../../../events/event-key';
import type { NoticeRow } from './save-notice';

/**
 * Notes that an event has happened. It needs no connection, and writes in the transaction that marks the delivery as delivered.
 *
 * @param saveNotice from db; saving a row again changes nothing
 */
export function createNotice(
  saveNotice: (tx: Tx, rows: readonly NoticeRow[]) => Promise<void>,
): InDatabaseConsumer & Documented {
  return {
    kind: 'inDatabase',
    about,
    write: (tx, events) =>
      saveNotice(
        tx,
        events.map((event) => ({ eventKey: eventKey(event), siteId: event.siteId, receivedAt: event.receivedAt })),
      ),
  };
}

const about: ConsumerAbout = {
  what: 'Notes that an event has happened; `prisma/schema.prisma` describes the table.',
  idempotency:
    "The effect is in the transaction that marks the delivery as delivered: both stand, or neither. A row carries the event's key, so that an event which is written again changes nothing.",
  failures: [
    ['an SQLSTATE', 'by its class: [what PostgreSQL says](failures.md#what-postgresql-says)'],
    ['none', '`Unavailable`; costs no try'],
  ],
};
