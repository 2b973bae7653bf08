import type { Pool } from 'pg';
import type { Database } from '../../db/database';
import { eventKeyOf } from '../../db/domain/event-row';
import { saveEvents } from '../../db/domain/save-events';
import { setRetention } from '../../db/retention';
import { saveTickets } from '../../db/tickets/save-tickets';
import { inTransaction, onPool } from '../../db/tx';
import type { ChatEvent } from '../../events/catalogue';
import { ActivityEnvironment } from '../../tests/activity-environment';
import { useDatabase } from '../../tests/database';
import { HERE, newEvent } from '../../tests/new-event';
import { chatEnded, offlineMessage } from '../../tests/ticket-database';
import { createTicket } from '../consumers/ticket/ticket';
import { prune, type PrunedPart } from './prune';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

/** Records an event of each name, all of them so many days ago. */
async function record(days: number, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const event = {
      ...newEvent(name, [null, null]),
      attachments: [{ position: 1, name: 'a.txt', content: Buffer.from('x') }],
    };
    await db.insertEvents([event], HERE);
  }
  await pool.query('update event set recorded_at = now() - make_interval(days => $1) where id = any($2)', [
    days,
    names,
  ]);
}

const settle = (state: string, name: string, queue: string, days: number) =>
  pool.query(
    `update delivery set state = $1, settled_at = now() - make_interval(days => $4), failure_type = case when $1 = 'parked' then 'Rejected' end
     where event_key = 'Agent.Ban/7/' || $2 and data_queue = $3`,
    [state, name, queue, days],
  );

async function settleAll(days: number, ...names: readonly string[]): Promise<void> {
  for (const name of names) for (const queue of ['Queue.0', 'Queue.1']) await settle('delivered', name, queue, days);
}

const keep = (what: string, days: number, tables = false) => setRetention(onPool(pool), { what, days, tables });

const round = async (): Promise<PrunedPart> =>
  await new ActivityEnvironment().run(() => prune({ from: { rule: 0, after: null } }, { db }));

it('deletes nothing without a rule', async () => {
  await record(3_000, 'a');
  await settleAll(3_000, 'a');
  expect(await round()).toEqual({ events: 0, refused: 0, tombstones: 0, next: null });
});

it('leaves of events that were recorded and settled long enough ago a tombstone, and all others as they are', async () => {
  await record(31, 'old', 'given-up', 'pending', 'parked', 'settled-late');
  await record(29, 'young');
  await settleAll(31, 'old', 'given-up', 'pending', 'parked', 'settled-late', 'young');
  await settle('discarded', 'given-up', 'Queue.1', 31);
  await settle('pending', 'pending', 'Queue.1', 31);
  await settle('parked', 'parked', 'Queue.1', 31);
  await settle('delivered', 'settled-late', 'Queue.1', 29);
  await keep('*', 30);
  await keep('Visit.Log', 1);
  expect(await round()).toEqual({ events: 2, refused: 0, tombstones: 0, next: null });
  const { rows } = await pool.query(
    `select e.id, data::text <> '{}' as whole, pruned_at is not null as pruned, delivered_count, discarded_count, delivery_count,
       (select count(*) from delivery d where d.event_key = e.key) as rows, (select count(*) from attachment a where a.event_key = e.key) as files
     from event e order by id`,
  );
  const whole = {
    whole: true,
    pruned: false,
    delivered_count: null,
    discarded_count: null,
    delivery_count: 2,
    rows: 2,
    files: 1,
  };
  const tombstone = { whole: false, pruned: true, delivery_count: 2, rows: 0, files: 0 };
  expect(rows).toEqual([
    { id: 'given-up', ...tombstone, delivered_count: 1, discarded_count: 1 },
    { id: 'old', ...tombstone, delivered_count: 2, discarded_count: 0 },
    ...['parked', 'pending', 'settled-late', 'young'].map((id) => ({ id, ...whole })),
  ]);
  expect(await db.insertEvents([newEvent('old')], HERE)).toEqual([]); // a late repeat stays one
  expect(await db.findRecorded(['Agent.Ban/7/old'])).toEqual([{ key: 'Agent.Ban/7/old', answer: 'recorded' }]);
  expect(await round()).toMatchObject({ events: 0 });
});

it("an event type's own rule goes before that of all types", async () => {
  await record(31, 'a');
  await settleAll(31, 'a');
  await keep('*', 30);
  await keep('Agent.Ban', 60);
  expect(await round()).toMatchObject({ events: 0 });
});

it('looks past events that are not settled, and ends with more than one batch', async () => {
  const names = Array.from({ length: 1_100 }, (_, n) => `${n}`);
  const owned = names.map((name) => newEvent(name, [null]));
  await db.insertEvents(owned, HERE);
  await pool.query("update event set recorded_at = '2020-01-01'");
  await pool.query("update delivery set state = 'delivered', settled_at = '2020-01-01' where event_key like '%9'");
  await keep('Agent.Ban', 30);
  expect(await round()).toMatchObject({ events: 110, next: null });
});

it('takes fewer at once in a later attempt, and as many in all', async () => {
  await record(31, ...Array.from({ length: 9 }, (_, n) => `${n}`));
  await settleAll(31, ...Array.from({ length: 9 }, (_, n) => `${n}`));
  await keep('Agent.Ban', 30);
  const limits: number[] = [];
  const counted: Database = {
    ...db,
    pruneEvents: (what, after, limit) => (limits.push(limit), db.pruneEvents(what, after, limit)),
  };
  const from = { rule: 0, after: null };
  const part = await new ActivityEnvironment({ attempt: 5 }).run(() => prune({ from }, { db: counted }));
  expect([part.events, limits[0], limits.length]).toEqual([9, 1, 10]);
});

it('deletes refused events by their rule, and tombstones after 400 days unless a rule says otherwise', async () => {
  await record(399, 'young');
  await record(401, 'old');
  await settleAll(399, 'young', 'old');
  await pool.query(`insert into refused_event (id, problems, raw, cluster, workflow_id, position, refused_at)
    select gen_random_uuid(), '[]', '', 'main', 'w', 0, now() - make_interval(days => n) from unnest(array[6, 8]) n`);
  expect(await round()).toMatchObject({ refused: 0, tombstones: 0 });
  await keep('*', 30);
  await keep('refused', 7);
  expect(await round()).toEqual({ events: 2, refused: 1, tombstones: 1, next: null });
  await keep('tombstones', 30);
  expect(await round()).toMatchObject({ tombstones: 1 });
});

it('deletes the rows that the events have filled where the rule says so, and no others', async () => {
  await record(31, 'a', 'b');
  await record(29, 'young');
  await settleAll(31, 'a', 'b', 'young');
  const rowsOf = async () =>
    (await pool.query('select event_key as key from visit_log order by 1')).rows.map(({ key }) => key);
  await pool.query(
    `insert into visit_log (event_key, site_id, visit_count, received_at)
     select key, site_id, 1, received_at from event union all select 'Agent.Ban/7/gone', '7', 1, now()`,
  );
  const all = ['a', 'b', 'gone', 'young'].map((id) => `Agent.Ban/7/${id}`);
  await keep('Agent.Ban', 30);
  await pool.query("update event set recorded_at = now() where id = 'b'");
  expect(await round()).toMatchObject({ events: 1 });
  expect(await rowsOf()).toEqual(all);
  await pool.query("update event set recorded_at = now() - interval '31 days' where id = 'b'");
  await keep('Agent.Ban', 30, true);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await rowsOf()).toEqual(all.filter((key) => !key.endsWith('/b')));
});

/** Records an event, received so many days ago, and fills the tables from it. */
async function fill(days: number, event: ChatEvent): Promise<void> {
  await db.insertEvents([{ ...newEvent(event.id, []), key: eventKeyOf(event), type: event.type }], HERE);
  await age(days, event);
  await inTransaction(pool, async (tx) => {
    await saveEvents(tx, [event]);
    await createTicket(saveTickets).write(tx, [event]);
  });
}

const age = (days: number, event: ChatEvent) =>
  pool.query('update event set recorded_at = now() - make_interval(days => $1) where key = $2', [
    days,
    eventKeyOf(event),
  ]);

const rowsOf = async (table: string, columns: string): Promise<unknown[]> =>
  (await pool.query(`select ${columns} from ${table} order by 1`)).rows;

it('keeps a ticket as it is, and its requester, until its last message goes', async () => {
  const who = { VisitorEmail: 'ann@example.com', VisitorName: 'Ann', Subject: 'Where is it?', TicketId: 'T' };
  const [first, later] = [offlineMessage('first', who), offlineMessage('later', { TicketId: 'T' }, '11:00:00')];
  await fill(31, first);
  await fill(1, later);
  const tables = async () => [await rowsOf('ticket', '*'), await rowsOf('ticket_requester', '*')];
  const before = await tables();
  expect(before).toMatchObject([[{ number: 1, requester_email: 'ann@example.com' }], [{ name: 'Ann' }]]);
  await keep('*', 30, true);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await tables()).toEqual(before);
  expect(await rowsOf('ticket_message', 'event_key')).toEqual([{ event_key: eventKeyOf(later) }]);
  await age(31, later);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await tables()).toEqual([[], []]);
});

it('keeps a row that several events filled until all of them are deleted, by rules with tables', async () => {
  const chat = chatEnded('c', { Visitor: { Id: 'v', LastKnownName: 'Ann' } });
  const message = offlineMessage('m', { visitorId: 'v' }, '11:00:00');
  const later = chatEnded('d', { Visitor: { Id: 'v', LastKnownName: 'Bob' } }, '12:00:00');
  await fill(1, chat);
  await fill(31, message);
  const visitors = () => rowsOf('visitor', 'event_key, identity_event_key, last_known_name');
  const both = { event_key: eventKeyOf(message), identity_event_key: eventKeyOf(chat), last_known_name: 'Ann' };
  expect(await visitors()).toEqual([both]);
  await keep('OfflineMessage.Submit', 14, true);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await visitors()).toEqual([both]); // the chat is whole
  await age(31, chat);
  await keep('Chat.Ended', 30);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await visitors()).toEqual([both]);
  await fill(31, offlineMessage('n', { visitorId: 'v' }, '11:30:00'));
  expect(await round()).toMatchObject({ events: 1 });
  expect(await visitors()).toMatchObject([{ last_known_name: 'Ann' }]); // rows of chats are kept
  await fill(31, later);
  await keep('Chat.Ended', 30, true);
  expect(await round()).toMatchObject({ events: 1 });
  expect(await visitors()).toEqual([]);
});
