import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { newSecretsKey } from '../../activities/connections/secret-box';
import { closeConsumers, type Account } from '../../activities/consumer';
import { effects } from '../../db/effects';
import { createConsumers } from '../../activities/consumers';
import { startSalesforce } from '../../activities/consumers/salesforce/fake';
import { fakeUsers, startZendesk } from '../../activities/consumers/zendesk/fake';
import type { HttpExchange, OnAnswer } from '../../activities/http/exchange';
import { writeAnswers } from '../../ops/write-answers';
import { createDatabase } from '../../tests/database';
import { addCommand, openFakes, type Fake } from './open-fakes';
import { createPlayer, readAnswers } from './play-answers';

const run = promisify(execFile);
const root = join(__dirname, '..', '..');
const ports = { salesforce: 0, zendesk: 0, smtp: 0, webhook: 0, slack: 0 };

let fakes: readonly Fake[];
const lines: string[] = [];

beforeAll(async () => void (fakes = await openFakes(ports, (line) => void lines.push(line))));
afterAll(() => Promise.all(fakes.map((fake) => fake.close())));

test('each fake lets its account in, and what arrives is told', async () => {
  const consumers = await createConsumers({ effects, allowedAddresses: ['127.0.0.1'] });
  const signal = AbortSignal.timeout(20_000);
  const answers = fakes.map(async ({ consumer, config, secrets }) => {
    const one = consumers[consumer];
    return one?.kind === 'external' ? await one.connection?.check({ config, secrets }, signal) : undefined;
  });
  expect(await Promise.all(answers)).toEqual(fakes.map(() => expect.any(String)));
  expect(lines).toContain('zendesk    GET /api/v2/users/me.json');
  expect(lines).toContain('salesforce POST /services/oauth2/token');
  await closeConsumers(consumers);
});

/** What `check` says, without what every server has of its own. */
async function checkAt({ config, secrets }: Account, consumer: string, onAnswer?: OnAnswer) {
  const consumers = await createConsumers({ effects, allowedAddresses: ['127.0.0.1'], onAnswer });
  const one = consumers[consumer];
  if (one?.kind !== 'external') throw new Error(`${consumer} has no connections.`);
  const said = await one.connection?.check({ config, secrets }, AbortSignal.timeout(20_000));
  await closeConsumers(consumers);
  return said?.replace(/127\.0\.0\.1:\d+/, 'HOST').replace(/user \w+/, 'user');
}

test.each<[string, () => Promise<{ account: Account; close(): Promise<void> }>, RegExp]>([
  ['zendesk', () => startZendesk({ user: fakeUsers.lightAgent }), /light agent/],
  [
    'salesforce',
    () => startSalesforce({ externalIdField: false }),
    /Case: repeats are recognised by their subject only/,
  ],
])('what a real %s answers is recorded, and is answered by the fake', async (consumer, start, special) => {
  const real = await start();
  const exchanges: HttpExchange[] = [];
  const saidBy = await checkAt(real.account, consumer, (exchange) => void exchanges.push(exchange));
  await real.close();
  const dir = await mkdtemp(join(tmpdir(), 'answers-'));
  await writeAnswers(dir, consumer, exchanges, real.account);
  const players = await openFakes(ports, () => {}, await readAnswers(dir));
  const player = players.find((one) => one.consumer === consumer);
  const own = fakes.find((one) => one.consumer === consumer);
  if (player === undefined || own === undefined) throw new Error(`There is no fake ${consumer}.`);
  const says = { own: await checkAt(own, consumer), player: await checkAt(player, consumer) };
  await Promise.all(players.map((fake) => fake.close()));
  await rm(dir, { recursive: true });
  expect(saidBy).toMatch(special);
  expect(says.own).not.toMatch(special);
  expect(says.player).toBe(saidBy);
});

test('a part that was left out of a path stands for one step of it', async () => {
  const recorded = { consumer: 'x', method: 'GET', status: 200, headers: {} };
  const play = createPlayer(
    [
      { ...recorded, path: '/groups/{id}.json', body: 'group' },
      { ...recorded, path: '/sobjects/{name}/describe', body: 'described' },
    ],
    'http://fake',
  );
  const ask = (path: string) =>
    play(
      { number: 1, method: 'GET', path, query: new URLSearchParams(), headers: {}, body: '', bytes: Buffer.of() },
      { status: 404, body: 'own' },
    ).body;
  expect(['/groups/7.json', '/groups/7/members/8.json', '/sobjects/Case/describe'].map(ask)).toEqual([
    'group',
    'own',
    'described',
  ]);
});

test('a file that is no recorded answer is named', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'answers-'));
  await writeFile(join(dir, 'notes.json'), '{"status":200}');
  await expect(readAnswers(dir)).rejects.toThrow(`${join(dir, 'notes.json')} is no recorded answer.`);
  await rm(dir, { recursive: true });
});

test('the commands that are printed add the accounts', async () => {
  const database = await createDatabase();
  const client = new Client({ connectionString: database.url });
  try {
    const env = { ...process.env, DATABASE_URL: database.url, SECRETS_KEY: newSecretsKey() };
    const commands = fakes.map((fake) => addCommand(fake, '10001')).join(' && ');
    await run('/bin/sh', ['-c', commands], { cwd: root, env });
    await client.connect();
    const { rows } = await client.query('select consumer, config from connection order by consumer');
    const expected = fakes.map(({ consumer, config }) => ({ consumer, config }));
    expect(rows).toEqual(expected.sort((a, b) => (a.consumer < b.consumer ? -1 : 1)));
  } finally {
    await client.end();
    await database.drop();
  }
}, 120_000);

test('where a port is taken, that is said, and none is left running', async () => {
  const taken = Number(new URL(fakes.find(({ consumer }) => consumer === 'webhook')?.address ?? '').port);
  const program = [
    '--import',
    'tsx',
    join(__dirname, 'fakes.ts'),
    ...Object.keys(ports).flatMap((name) => [`--${name}`, '0']),
  ];
  const outcome = run(process.execPath, [...program, '--webhook', String(taken)], { cwd: root });
  await expect(outcome).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(`Port ${taken} is taken`) });
}, 60_000);
