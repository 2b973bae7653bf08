import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../tests/database';

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
    values ('k', 't', '1', 'i', now(), '{}', 'h', 1, 'main', 'w')`);
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

const DELIVERY = `insert into delivery (id, event_key, data_queue, label, consumer, site_id, owner_cluster,
  owner_workflow_id, look_at, state, settled_at, failure_type, tries, lease_token, lease_until)
  values (gen_random_uuid(), 'k', 'q', 'q', 'c', '1', 'main', 'w', now(), $1, $2, $3, $4, $5, $6)`;
const TICKET = 'insert into ticket (site_id, number, subject, source, chat_id, event_key, created_at, updated_at)';
const TOKEN = '00000000-0000-4000-8000-000000000000';

/** schema.prisma cannot say these, so the drift check cannot miss them: this does. */
describe('the database refuses', () => {
  it.each([
    ['an unknown state', ['lost', 'now', null, 0, null, null], 'delivery_state_check'],
    ['a final state without its time', ['delivered', null, null, 0, null, null], 'delivery_settled_check'],
    ['parking without a reason', ['parked', 'now', null, 0, null, null], 'delivery_parked_check'],
    ['fewer than no tries', ['pending', null, null, -1, null, null], 'delivery_counts_check'],
    ['a lease without an end', ['pending', null, null, 0, TOKEN, null], 'delivery_lease_check'],
  ])('for a delivery %s', async (_, values, constraint) => {
    await expect(client.query(DELIVERY, values)).rejects.toMatchObject({ code: '23514', constraint });
  });

  it.each([
    ['subscription_state_check', `insert into subscription values ('q', '*', 't', 'c', 'stopped')`],
    ['subscription_data_queue_check', `insert into subscription values ('q#2', '*', 't', 'c', 'active')`],
    ['subscription_site_id_check', `insert into subscription values ('q', '', 't', 'c', 'active')`],
    [
      'connection_state_check',
      `insert into connection (site_id, consumer, name, config, state, broken_reason, broken_since)
       values ('1', 'c', 'n', '{}', 'bad', 'r', now())`,
    ],
    [
      'connection_broken_check',
      `insert into connection (site_id, consumer, name, config, state) values ('1', 'c', 'n', '{}', 'broken')`,
    ],
    [
      'connection_secrets_check',
      `insert into connection (site_id, consumer, name, config, secrets) values ('1', 'c', 'n', '{}', '\\x00')`,
    ],
    [
      'connection_event_types_check',
      `insert into connection (site_id, consumer, name, config, event_types) values ('1', 'c', 'n', '{}', null)`,
    ],
    [
      'connection_limits_check',
      `insert into connection (site_id, consumer, name, config, max_in_flight) values ('1', 'c', 'n', '{}', 0)`,
    ],
    ['event_key_check', `update event set key = repeat('é', 128)`],
    ['event_delivery_count_check', `update event set delivery_count = -1`],
    ['attachment_size_check', `insert into attachment values ('k', 0, null, 2, 'x', '\\x00')`],
    ['attachment_position_check', `insert into attachment values ('k', -1, null, 1, 'x', '\\x00')`],
    [
      'refused_event_position_check',
      `insert into refused_event (id, problems, raw, cluster, workflow_id, position)
       values (gen_random_uuid(), '[]', '', 'main', 'w', -1)`,
    ],
    ['installation_is_only_check', `insert into installation (is_only) values (false)`],
    [
      'connection_notice_event_check',
      `insert into connection_notice (connection_id, event) values (gen_random_uuid(), 'lost')`,
    ],
    ['ticket_number_check', `${TICKET} values ('1', 0, 's', 'chat', null, 'k', now(), now())`],
    ['ticket_source_check', `${TICKET} values ('1', 1, 's', 'mail', null, 'k', now(), now())`],
    ['ticket_chat_check', `${TICKET} values ('1', 1, 's', 'offlineMessage', 'c', 'k', now(), now())`],
    [
      'ticket_message_kind_check',
      `insert into ticket_message (event_key, site_id, ticket_number, kind, received_at) values ('k', '1', 1, 'mail', now())`,
    ],
  ])('by %s', async (constraint, statement) => {
    await expect(client.query(statement)).rejects.toMatchObject({ code: '23514', constraint });
  });

  it('nothing that this test does not try', async () => {
    const { rows } = await client.query<{ conname: string }>(
      `select conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace order by 1`,
    );
    expect(rows.map((row) => row.conname)).toHaveLength(24);
  });
});
