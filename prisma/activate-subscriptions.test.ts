import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { consumerNames } from '../activities/consumers';
import { createDatabase, type TestDatabase } from '../tests/database';
import { prismaFolder } from './migration-files';
import { seed } from './seed';

const migration = readFileSync(
  join(prismaFolder, 'migrations', '20261124150100_activate_subscriptions', 'migration.sql'),
  'utf8',
);
/** Whose relations were seeded as paused, before there were consumers for them. */
const late = ['ticket', 'salesforce', 'zendesk'];
const before = consumerNames.filter((name) => !late.includes(name));
const lateQueues = ['Chat.Ended', 'OfflineMessage.Submit'].flatMap((type) =>
  ['Ticket', 'Salesforce', 'Zendesk'].map((name) => `${type}.${name}`),
);

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

const subscriptions = async () =>
  (await client.query('select * from subscription order by data_queue, site_id')).rows as Record<string, unknown>[];

describe('the migration that activates subscriptions', () => {
  it('activates what was seeded before there were consumers for it', async () => {
    const { paused } = await seed(database.url, before);
    expect(paused).toEqual(expect.arrayContaining(lateQueues));
    await client.query(migration);
    const still = (await subscriptions()).filter(({ state }) => state !== 'active');
    expect(still.filter(({ data_queue: name }) => lateQueues.includes(String(name)))).toEqual([]);
  });

  it.each([
    ['another consumer', `update subscription set consumer = 'webhook' where data_queue = 'Chat.Ended.Ticket'`],
    ['another event', `update subscription set event_type = 'Agent.Ban' where data_queue = 'Chat.Ended.Ticket'`],
    ['a site of its own', `update subscription set site_id = '7' where data_queue = 'Chat.Ended.Ticket'`],
    ['a rate', `update subscription set state = 'resuming' where data_queue = 'Chat.Ended.Ticket'`],
    ['a pause elsewhere', `update subscription set state = 'paused' where data_queue = 'Chat.Ended.Email'`],
    [
      'a new data queue',
      `insert into subscription values ('Chat.Ended.Ticket2', '*', 'Chat.Ended', 'ticket', 'paused')`,
    ],
  ])('leaves a row alone to which an operator gave %s', async (_, change) => {
    await seed(database.url, before);
    const rows = await subscriptions();
    await client.query(change);
    const changed = (await subscriptions()).filter(
      (row) => !rows.some((old) => JSON.stringify(old) === JSON.stringify(row)),
    );
    expect(changed).toHaveLength(1);
    await client.query(migration);
    expect(await subscriptions()).toEqual(expect.arrayContaining(changed));
  });

  it('does nothing to a database that is not seeded yet', async () => {
    expect((await client.query(migration)).rowCount).toBe(0);
  });
});
