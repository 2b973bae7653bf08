import type { Pool } from 'pg';
import type { Database } from '../../db/database';
import { useDatabase } from '../../tests/database';
import { exampleEvent } from '../../tests/send-request';
import { routeEvents } from './route-events';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

const modes = { persistence: 'local', webhook: 'remote' };

/** Grades of the rating: 5 in the example. */
async function route(grade = 5) {
  const event = exampleEvent('Visitor.Rating', { ratingGrade: grade });
  const ready = { event, key: `Visitor.Rating/10001/${grade}`, hash: 'h' };
  const [routed] = await db.inTransaction((tx) => routeEvents(tx, [ready], modes, null));
  const deliveries = routed?.deliveries.map(({ label, parked }) =>
    parked === null ? label : `${label} ${parked.type}`,
  );
  return { deliveries, filtered: routed?.filteredCount };
}

const subscribe = (dataQueue: string, consumer: string, filter: object | null, siteId = '*', state = 'active') =>
  pool.query(
    `insert into subscription (data_queue, site_id, event_type, consumer, state, filter) values ($1, $2, 'Visitor.Rating', $3, $4, $5)`,
    [dataQueue, siteId, consumer, state, filter],
  );

const connect = (name: string, eventTypes: readonly string[] = []) =>
  pool.query(
    `insert into connection (site_id, consumer, name, config, event_types) values ('10001', 'webhook', $1, '{}', $2)`,
    [name, eventTypes],
  );

it('makes no delivery of an event that the filter of its subscription does not take, and counts it', async () => {
  await subscribe('Low', 'persistence', { ratingGrade: { $lte: 2 } });
  await subscribe('All', 'persistence', null);
  expect(await route(1)).toEqual({ deliveries: ['All', 'Low'], filtered: 0 });
  expect(await route(5)).toEqual({ deliveries: ['All'], filtered: 1 });
});

it('counts a delivery for each connection that would have had one, beside those of other event types', async () => {
  await subscribe('Hook', 'webhook', { ratingComment: { $exist: false } });
  expect(await route()).toEqual({ deliveries: [], filtered: 0 }); // without a connection there is none to hold back
  await connect('one');
  await connect('two');
  await connect('of chats', ['Chat.Ended']);
  expect(await route()).toEqual({ deliveries: [], filtered: 3 });
  await pool.query('update subscription set filter = null');
  expect(await route()).toEqual({ deliveries: ['Hook', 'Hook#2'], filtered: 1 });
});

it("goes by the filter of the site's own row, where it has one", async () => {
  await subscribe('Low', 'persistence', { ratingGrade: 1 });
  await subscribe('Low', 'persistence', null, '10001');
  expect(await route(5)).toEqual({ deliveries: ['Low'], filtered: 0 });
});

it('parks the delivery where this version cannot read the filter, unless the subscription is paused', async () => {
  await subscribe('New', 'persistence', { ratingGrade: { $ofALaterVersion: 1 } });
  await subscribe('Paused', 'persistence', { ratingGrade: { $ofALaterVersion: 1 } }, '*', 'paused');
  await subscribe('Held', 'persistence', { ratingGrade: 1 }, '*', 'paused');
  expect(await route(5)).toEqual({ deliveries: ['New InvalidConfig', 'Paused Paused'], filtered: 1 });
});
