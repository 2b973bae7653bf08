import type { Pool } from 'pg';
import { createDatabase, type TestDatabase } from '../../tests/database';
import { createPool } from '../pool';

const ROWS = 20_000;
const SITES = 200;

let test: TestDatabase;
let pool: Pool;

const day = "between '2026-11-01' and '2026-11-02'";

/** What a person asks who reports on chats, by table. */
const questions: readonly [table: string, where: string][] = [
  ['chat', `site_id = '7' and ended_at ${day}`],
  ['chat', "site_id = '7' and visitor_id = '12'"],
  ['chat', "agent_ids @> '{12}'"],
  ['chat_message', "site_id = '7' and chat_id = '12'"],
  ['chat_transfer', "site_id = '7' and chat_id = '12'"],
  ['chat_attachment', "site_id = '7' and chat_id = '12'"],
  ['chat_bot_action', "site_id = '7' and chat_id = '12'"],
  ['visitor', "site_id = '7' and visitor_id = '12'"],
  ['chat_rating', `site_id = '7' and received_at ${day}`],
  ['chat_rating', "site_id = '7' and chat_id = '12'"],
  ['chat_wrapup', "category_ids @> '{12}'"],
  ['offline_message', `site_id = '7' and received_at ${day}`],
  ['offline_message', "site_id = '7' and visitor_id = '12'"],
  ['offline_message_attachment', "event_key = '12'"],
  ['canned_message_use', `site_id = '7' and used_at ${day}`],
  ['canned_message_use', "site_id = '7' and chat_id = '12'"],
  ['private_message', `site_id = '7' and sent_at ${day}`],
  ['chat_queue_log', `site_id = '7' and logged_at ${day}`],
  ['agent_status_log', `site_id = '7' and agent_id = '12' and changed_at ${day}`],
  ['auto_invitations_per_day', `site_id = '7' and day ${day}`],
  ['manual_invitation', `site_id = '7' and received_at ${day}`],
  ['visits_per_day', `site_id = '7' and day ${day}`],
  ['conversion', `site_id = '7' and converted_at ${day}`],
  ['conversion', "site_id = '7' and attributed_chat_id = '12'"],
  ['agent_preference', "site_id = '7' and agent_id = '12'"],
  ['agent_preference_column', "site_id = '7' and agent_id = '12'"],
  ['agent_ban', `site_id = '7' and received_at ${day}`],
  ['agent_ban', "site_id = '7' and visitor_id = '12'"],
];

/** What row `n` has in a column of this type. */
const values: Readonly<Record<string, string>> = {
  text: 'n::text',
  integer: 'n',
  bigint: 'n',
  numeric: 'n',
  'double precision': 'n',
  boolean: 'true',
  inet: "'::1'",
  jsonb: "'{}'",
  ARRAY: 'array[(n % 5000)::text]',
  date: "date '2026-01-01' + n % 330",
  'timestamp with time zone': "timestamptz '2026-01-01' + n % 330 * interval '1 day'",
};

beforeAll(async () => {
  test = await createDatabase();
  pool = createPool(test.url, { statementTimeoutMs: 60_000, max: 1 });
  await pool.query("set session_replication_role = 'replica'"); // rows without the events that they come from
  for (const table of new Set(questions.map(([name]) => name))) await fill(table);
}, 120_000);

afterAll(async () => {
  await pool.end();
  await test.drop();
});

async function fill(table: string): Promise<void> {
  const { rows } = await pool.query<{ name: string; type: string }>(
    `select column_name as name, data_type as type from information_schema.columns
     where table_name = $1 and table_schema = 'public' order by ordinal_position`,
    [table],
  );
  const list = rows.map(({ name, type }) => (name === 'site_id' ? `n % ${SITES}` : values[type]));
  await pool.query(
    `insert into ${table} (${rows.map(({ name }) => `"${name}"`).join()}) select ${list.join()} from generate_series(1, ${ROWS}) n`,
  );
  await pool.query(`analyze ${table}`);
}

it.each(questions)('%s where %s is answered by an index, at 100,000 rows', async (table, where) => {
  const { rows } = await pool.query(`explain select * from ${table} where ${where}`);
  expect(rows.map((row) => Object.values(row as object).join()).join('\n')).not.toContain('Seq Scan');
});
