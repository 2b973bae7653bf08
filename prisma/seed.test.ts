import { Client } from 'pg';
import { relations } from '../activities/consumers/relations';
import { createDatabase, type TestDatabase } from '../tests/database';
import { seed } from './seed';

const everyConsumer = [...new Set(relations.map(({ consumer }) => consumer))];

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterEach(() => client.query('delete from subscription'));
afterAll(async () => {
  await client.end();
  await database.drop();
});

describe('seed', () => {
  it('inserts the relations of all sites', async () => {
    const { inserted, paused } = await seed(database.url, everyConsumer);

    const { rows } = await client.query('select data_queue, site_id, event_type, consumer, state from subscription');
    expect(inserted).toHaveLength(relations.length);
    expect(paused).toEqual([]);
    expect(rows).toHaveLength(relations.length);
    expect(rows).toContainEqual({
      data_queue: 'OfflineMessage.Submit.Zendesk',
      site_id: '*',
      event_type: 'OfflineMessage.Submit',
      consumer: 'zendesk',
      state: 'active',
    });
  });

  it('pauses the relations whose consumer is not there', async () => {
    const { paused } = await seed(database.url, ['persistence', 'email']);

    const { rows } = await client.query(`select data_queue from subscription where state = 'paused' order by 1`);
    expect(rows.map((row) => row.data_queue)).toEqual(paused);
    const others = relations.filter(({ consumer }) => consumer !== 'persistence' && consumer !== 'email');
    expect(paused).toEqual(others.map(({ dataQueue }) => dataQueue).sort());
  });

  it('never changes a row that is there', async () => {
    await seed(database.url, []);
    await client.query(`update subscription set consumer = 'webhook' where data_queue = 'Agent.Ban'`);
    const before = await client.query('select * from subscription order by 1');

    expect(await seed(database.url, everyConsumer)).toEqual({ inserted: [], paused: [] });
    expect((await client.query('select * from subscription order by 1')).rows).toEqual(before.rows);
  });

  it('inserts every row once when several processes seed at the same time', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => seed(database.url, everyConsumer)));

    expect(results.map(({ inserted }) => inserted.length).sort()).toEqual([0, 0, 0, relations.length]);
  });
});
