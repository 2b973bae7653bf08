import type { Pool } from 'pg';
import { useDatabase } from '../tests/database';
import { ERASED_TABLES, TABLES_OF_SITE } from './erase-events';

let pool: Pool;
useDatabase((opened) => ({ pool } = opened));

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
