import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretBox, newSecretsKey } from '../../activities/connections/secret-box';
import { onPool } from '../../db/tx';
import { prismaFolder } from '../../prisma/migration-files';
import { seed } from '../../prisma/seed';
import { openDestinations, type Destinations } from '../../lab/destinations';
import { runWorker, type Running } from '../running-worker';

const migration = readFileSync(
  join(prismaFolder, 'migrations', '20261124150100_activate_subscriptions', 'migration.sql'),
  'utf8',
);

let running: Running;
let destinations: Destinations;

beforeAll(async () => {
  const key = newSecretsKey();
  running = await runWorker({ environment: { SECRETS_KEY: key, ALLOWED_ADDRESSES: '127.0.0.1' } });
  destinations = await openDestinations(onPool(running.pool), createSecretBox(key), {
    webhooks: {},
    zendesks: { '7': () => undefined },
    salesforces: { '7': { fault: () => undefined } },
  });
}, 60_000);
afterAll(async () => {
  await running.stop();
  await destinations.close();
});

const chat = (id: string) => {
  const Chat = { SiteId: 7, ChatId: id, IfNewTicket: true, PreChatEmail: 'ann@example.com' };
  const Salesforce = { PurposeChatEnd: 4, CreateContact: [{ Name: 'LastName', value: 'Ann' }] };
  return { type: 'Chat.Ended', data: { Chat, Salesforce } };
};
const message = (id: string) => {
  const data = { SiteId: 7, VisitorEmail: 'ann@example.com', Content: 'Please call' };
  return { type: 'OfflineMessage.Submit', id, data };
};

const standing = async () =>
  (
    await running.pool.query(
      `select data_queue as queue, state, failure_type as failure, count(*)::int as n from delivery
       where consumer <> 'persistence' group by 1, 2, 3 order by data_queue collate "C"`,
    )
  ).rows as unknown[];

const isDelivered = async () =>
  (await running.pool.query(`select from delivery where state <> 'delivered'`)).rowCount === 0;

const queues = ['Chat.Ended', 'OfflineMessage.Submit'].flatMap((type) =>
  ['Salesforce', 'Ticket', 'Zendesk'].map((name) => `${type}.${name}`),
);

it('delivers what waited while there were no consumers for tickets, Salesforce and Zendesk, once they are there', async () => {
  await seed(running.config.DATABASE_URL, ['persistence', 'email', 'webhook']);
  const inputs = [chat('1'), chat('2'), message('m1'), message('m2'), [chat('3'), message('m3')]]; // the last one is a batch
  const runs = await Promise.all(inputs.map((input) => running.start(input)));
  await Promise.all(runs.map((run) => run.result()));
  expect(await standing()).toEqual(queues.map((queue) => ({ queue, state: 'parked', failure: 'Paused', n: 3 })));
  expect(destinations.distinct()).toMatchObject({ zendesk: 0, salesforce: 0 });

  await running.pool.query(migration);
  await running.until(isDelivered);
  expect(await standing()).toEqual(queues.map((queue) => ({ queue, state: 'delivered', failure: null, n: 3 })));
  expect(destinations.distinct()).toMatchObject({ zendesk: 6, salesforce: 6 });
  expect(destinations.problems()).toEqual([]);
  const { rowCount } = await running.pool.query('select from ticket_message');
  expect(rowCount).toBe(6);
}, 60_000);
