import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { HERE, newEvent } from '../tests/new-event';
import type { Database } from './database';
import { eraseEvents, eraseOfSite, eraseRefused, findEventsToErase } from './erase-events';
import { ERASED_TABLES, TABLES_OF_SITE } from './erased-tables';
import { addErasure, readErasure, writeReceipt } from './erasures';
import { findPrunedOfPerson } from './find-pruned';
import { inTransaction, onPool } from './tx';

let pool: Pool;
let db: Database;
useDatabase((opened) => ({ pool, db } = opened), { emptyAfterEach: true });

/** Their rows go with a row that they refer to. */
const DEPENDENT = ['agent_preference_column', 'offline_message_attachment', 'ticket_attachment'];
const OF_CHATS = ['chat_attachment', 'chat_bot_action', 'chat_message', 'chat_transfer', 'ticket_message'];
/** A receipt names its site, and no person. */
const KEPT = ['erasure'];

const tablesWith = async (column: string): Promise<string[]> => {
  const { rows } = await pool.query<{ name: string }>(
    "select table_name as name from information_schema.columns where table_schema = 'public' and column_name = $1",
    [column],
  );
  return rows.map(({ name }) => name);
};

it('an erasure of events knows each table whose rows come from an event', async () => {
  const known = [...ERASED_TABLES, ...DEPENDENT];
  expect((await tablesWith('event_key')).filter((name) => !known.includes(name))).toEqual([]);
});

it('the removal of a site knows each table whose rows belong to a site', async () => {
  const byEvent = ['event', 'delivery', 'refused_event'];
  const known = [...TABLES_OF_SITE, ...byEvent, ...DEPENDENT, ...OF_CHATS, ...KEPT];
  expect((await tablesWith('site_id')).filter((name) => !known.includes(name))).toEqual([]);
});

it('rows that refer to an erased row go with it', async () => {
  const { rows } = await pool.query<{ name: string }>(
    "select distinct conrelid::regclass::text as name from pg_constraint where contype = 'f' and confdeltype = 'c'",
  );
  const cascading = rows.map(({ name }) => name);
  expect(DEPENDENT.filter((name) => !cascading.includes(name))).toEqual([]);
});

async function newErasure(): Promise<string> {
  const id = randomUUID();
  await addErasure(onPool(pool), { id, siteId: '7', by: 'event' });
  return id;
}

const erase = (erasure: string, ...keys: readonly string[]) =>
  inTransaction(pool, (tx) => eraseEvents(tx, keys, { erasure, siteId: '7', clusters: ['main', 'standby'] }));

const count = async (table: string): Promise<number> =>
  (await pool.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]?.n ?? 0;

/** Rows of a person at site 7; retention has deleted their events, whose tombstones are there or not. */
async function leaveRows(): Promise<void> {
  const chat =
    'insert into chat (site_id, chat_id, event_key, received_at, visitor_id, contact_email, custom_fields, custom_variables)';
  await pool.query(`${chat} values ('7', 'c', 'Chat.Ended/7/c', now(), 'v', ' Ann@Person.example', '{}', '{}'),
    ('7', 'other', 'Chat.Ended/7/other', now(), 'w', 'bob@person.example', '{}', '{}')`);
  await pool.query(`insert into chat_rating (site_id, chat_id, event_key, received_at, comment) values
    ('7', 'c', 'Visitor.Rating/7/1', now(), 'good')`);
  await pool.query(`insert into visitor (site_id, visitor_id, event_key, received_at, last_known_email, identity_event_key) values
    ('7', 'v', 'Chat.Ended/7/c', now(), 'ann@person.example', 'Chat.Ended/7/c')`);
  await pool.query(`insert into ticket_requester (site_id, email, name, event_key, received_at) values
    ('7', 'ann@person.example', 'Ann', 'OfflineMessage.Submit/7/1', now())`);
  await pool.query(`insert into ticket (site_id, number, subject, source, requester_email, event_key, created_at, updated_at) values
    ('7', 1, 'Ann asks', 'offlineMessage', 'ann@person.example', 'OfflineMessage.Submit/7/1', now(), now())`);
}

it.each(['visitor', 'email'] as const)(
  'by %s, finds and erases rows whose events retention has deleted',
  async (by) => {
    await leaveRows();
    const value = by === 'visitor' ? 'v' : 'ann@person.example';
    const keys = await findPrunedOfPerson(onPool(pool), '7', by, value);
    const ofTicket = by === 'email' ? ['OfflineMessage.Submit/7/1'] : [];
    expect(keys).toEqual(['Chat.Ended/7/c', ...ofTicket, 'Visitor.Rating/7/1']);
    await erase(await newErasure(), ...keys);
    expect([await count('chat'), await count('chat_rating'), await count('visitor')]).toEqual([1, 0, 0]);
    const left = by === 'email' ? 0 : 1;
    expect([await count('ticket'), await count('ticket_requester')]).toEqual([left, left]);
    expect(await findPrunedOfPerson(onPool(pool), '7', by, value)).toEqual([]);
  },
);

it('events that are whole are left to their ids', async () => {
  await db.insertEvents([{ ...newEvent('c'), key: 'Chat.Ended/7/c', type: 'Chat.Ended' }], HERE);
  await leaveRows();
  expect(await findPrunedOfPerson(onPool(pool), '7', 'visitor', 'v')).toEqual(['Visitor.Rating/7/1']);
});

it('finds events by the hashes of their ids, so many', async () => {
  const hash = randomUUID();
  await db.insertEvents(
    ['a', 'b', 'c'].map((id) => ({ ...newEvent(id), ids: id === 'a' ? [] : [hash] })),
    HERE,
  );
  const find = (limit: number) => findEventsToErase(onPool(pool), { siteId: '7', hashes: [hash] }, limit);
  expect((await find(5)).map(({ key }) => key)).toEqual(['Agent.Ban/7/b', 'Agent.Ban/7/c']);
  expect((await find(1)).map(({ key }) => key)).toEqual(['Agent.Ban/7/b']);
});

it('two erasures that have a batch in common both wait for it, and one that was ended early is not done', async () => {
  await db.insertEvents([newEvent('a'), newEvent('b')], HERE);
  const [first, second] = [await newErasure(), await newErasure()];
  expect(await readErasure(onPool(pool), first)).toMatchObject({ waiting: {}, doneAt: null });
  await erase(first, 'Agent.Ban/7/a');
  await erase(second, 'Agent.Ban/7/b');
  for (const id of [first, second]) {
    const receipt = { events: 1, refused: 0, rows: {}, atDestinations: [] };
    await writeReceipt(onPool(pool), id, { ...receipt, unfinished: true });
    expect(await readErasure(onPool(pool), id)).toMatchObject({ waiting: { main: 2, standby: 2 }, doneAt: null });
    await writeReceipt(onPool(pool), id, receipt);
  }
  for (const workflowId of ['run', 'Agent.Ban/7/a'])
    for (const cluster of ['main', 'standby'])
      await db.noteErased({ cluster, workflowId, isOwn: false, isRecorded: false, isFresh: false, erasure: first });
  expect(await readErasure(onPool(pool), first)).toMatchObject({ waiting: {}, doneAt: expect.any(String) });
  expect(await readErasure(onPool(pool), second)).toMatchObject({ waiting: { main: 1, standby: 1 }, doneAt: null });
});

it('an erased refused input is not started again by a journal', async () => {
  const raw = Buffer.from(JSON.stringify({ ip: 'x', mail: 'ann@person.example' }));
  await pool.query(
    `insert into refused_event (id, key, type, site_id, problems, raw, cluster, workflow_id, position)
     values (gen_random_uuid(), 'Agent.Ban/7/r', 'Agent.Ban', '7', '[]', $1, 'main', 'Agent.Ban/7/r', 0)`,
    [raw],
  );
  const scope = { erasure: await newErasure(), siteId: '7', clusters: ['main'] };
  expect(await eraseRefused(onPool(pool), { ...scope, text: 'ann@person.example', isKey: false })).toBe(1);
  expect(await db.findRecorded(['Agent.Ban/7/r'])).toEqual([{ key: 'Agent.Ban/7/r', answer: 'recorded' }]);
});

it.each([
  [String.raw`{"Email":"ann\u002Bx@person.example"}`, 'ann+x@person.example'],
  [String.raw`{"Email":"\u00C9va@person.example"}`, 'éva@person.example'],
  [String.raw`{"Name":"\uD83D\uDE00"}`, '😀'],
  ['{"Email":"ÉVA@person.example"}', 'éva@person.example'],
])('a refused input whose data are JSON text %s is found by its value', async (data, text) => {
  const raw = Buffer.from(JSON.stringify({ data }));
  await pool.query(
    `insert into refused_event (id, key, type, site_id, problems, raw, cluster, workflow_id, position)
     values (gen_random_uuid(), null, null, '7', '[]', $1, 'main', 'escaped', 0)`,
    [raw],
  );
  const scope = { erasure: await newErasure(), siteId: '7', clusters: ['main'] };
  const erase = (value: string) => eraseRefused(onPool(pool), { ...scope, text: value, isKey: false });
  expect([await erase(`${text}x`), await erase(text)]).toEqual([0, 1]);
});

it('rows of a removed site go some at a time', async () => {
  await leaveRows();
  const remove = () => eraseOfSite(onPool(pool), 'chat', '7', 1);
  expect([await remove(), await remove(), await remove()]).toEqual([1, 1, 0]);
});
