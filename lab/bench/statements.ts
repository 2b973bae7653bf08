import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { openIdHashes } from '../../activities/record/id-hashes';
import { routeEvents, type ReadyEvent } from '../../activities/record/route-events';
import { createDatabase } from '../../db/database';
import { saveEvents } from '../../db/domain/save-events';
import { createPool } from '../../db/pool';
import { readEvent } from '../../events/read-event';
import { singleQueueEvent } from '../make-events';

/** Lists that are written at once, and events in each: as the product's batches come. */
const AT_ONCE = 4;
const LIST = 100;

/**
 * The yardstick: events per second that a loop of the same multi-row statements reaches, without Temporal, publisher or reading:
 * event, delivery and rows of the tables, one transaction per list.
 *
 * @param hasIds false = without the ids by which events are found
 */
export async function measureStatements(databaseUrl: string, events: number, hasIds = true): Promise<number> {
  const pool = createPool(databaseUrl);
  const db = createDatabase(pool);
  const hash = hasIds ? await openIdHashes(db, createSecretBox(newSecretsKey()))() : null;
  const lists = Array.from({ length: Math.ceil(events / LIST) }, (_, list) =>
    Array.from({ length: LIST }, (__, n) => ready(list * LIST + n)),
  );
  const owner = { cluster: 'none', workflowId: 'statements' };
  const write = (list: readonly ReadyEvent[]): Promise<void> =>
    db.inTransaction(async (tx) => {
      const routed = await routeEvents(tx, list, { persistence: 'local' }, hash);
      const marked = routed.map((event) => ({
        ...event,
        deliveries: event.deliveries.map((delivery) => ({ ...delivery, delivered: true })),
      }));
      await tx.insertEvents(marked, owner);
      await saveEvents(tx, routed);
    });
  const loop = async (): Promise<void> => {
    for (let list = lists.pop(); list !== undefined; list = lists.pop()) await write(list);
  };
  await write(lists.pop() ?? []); // plans the statements
  const count = lists.length * LIST;
  const started = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
  const seconds = (performance.now() - started) / 1000;
  await pool.end();
  return count / seconds;
}

function ready(n: number): ReadyEvent {
  const { type, id, data } = singleQueueEvent(n);
  const read = readEvent({ type, id, data }, { id, receivedAt: new Date().toISOString() });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read;
}
