import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { createPool } from '../db/pool';
import { createDatabase, type TestDatabase } from '../tests/database';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const key = newSecretsKey();
const url = 'https://example.com/hook';
let test: TestDatabase;
let pool: Pool;
let temporal: FreshNamespace;
let dir: string;
/** All that any command has printed. */
let printed = '';

beforeAll(async () => {
  test = await createDatabase();
  pool = createPool(test.url);
  temporal = await freshNamespace();
  dir = await mkdtemp(join(tmpdir(), 'ops-'));
});

afterAll(async () => {
  await temporal.close();
  await pool.end();
  await test.drop();
  await rm(dir, { recursive: true });
});

/** The command line as a person runs it, in a folder where nothing runs. */
function ops(
  args: string,
  { env = {}, input = '' }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Outcome> {
  const root = join(__dirname, '..');
  const command = [
    '--import',
    join(root, 'node_modules/tsx/dist/loader.mjs'),
    join(root, 'ops/main.ts'),
    ...args.split(' '),
  ];
  const environment = {
    PATH: process.env['PATH'],
    DATABASE_URL: test.url,
    SECRETS_KEY: key,
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: temporal.namespace,
    WEBHOOK_ALLOWED_ADDRESSES: '127.0.0.1',
    ...env,
  };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: dir, env: environment }, (error, stdout, stderr) => {
      printed += stdout + stderr;
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

const add = (name: string, address = url) =>
  ops(`connections add webhook --site 7 --name ${name} --set url=${address}`, {
    env: { CONNECTION_SECRET: EXAMPLE_SECRET },
  });
const rowOf = async (name: string) => (await pool.query('select * from connection where name = $1', [name])).rows[0];
const secretsOf = async (name: string, withKey = key) => {
  const { id, secrets, secrets_key_id: keyId } = await rowOf(name);
  return createSecretBox(withKey).open(id, { keyId, bytes: secrets });
};

describe('connections add', () => {
  it('takes the secret from the environment and seals it', async () => {
    const { code, stdout } = await add('crm');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Added 7/webhook/crm') });
    expect(await rowOf('crm')).toMatchObject({ config: { url }, state: 'ok', version: 1, max_in_flight: 10 });
    expect(await secretsOf('crm')).toEqual({ secret: EXAMPLE_SECRET });
  });

  it('takes the configuration from a file, values over it, and secrets from standard input', async () => {
    const file = join(dir, 'smtp.json');
    await writeFile(
      file,
      JSON.stringify({ host: 'smtp.example.com', username: 'u', from: { address: 'a@example.com' } }),
    );
    const limits = '--max-in-flight 2 --rate 0.5 --event-types Chat.Ended';
    const command = `connections add email --site 7 --name mail --config ${file} --set port=2525 --secrets - ${limits}`;
    expect(await ops(command, { input: '{"password":"hush-hush"}' })).toMatchObject({ code: 0 });
    expect(await rowOf('mail')).toMatchObject({
      config: { host: 'smtp.example.com', port: 2525 },
      max_in_flight: 2,
      rate_per_second: 0.5,
      event_types: ['Chat.Ended'],
    });
    expect(await secretsOf('mail')).toEqual({ password: 'hush-hush' });
  });

  it.each([
    [
      'a configuration that cannot be used',
      '--set url=ftp://example.com',
      {},
      1,
      /configuration cannot be used: url: expected an https/,
    ],
    [
      'a secret that cannot be used',
      `--set url=${url}`,
      { CONNECTION_SECRET: 'whsec_short' },
      1,
      /secrets cannot be used: secret/,
    ],
    [
      'no secret',
      `--set url=${url}`,
      { CONNECTION_SECRET: '' },
      1,
      /secret is missing: set CONNECTION_SECRET, or use --secrets/,
    ],
    ['a secret on the command line', `--set url=${url} --secrets ${EXAMPLE_SECRET}`, {}, 1, /takes only -/],
    ['an unknown event', `--set url=${url} --event-types Chat.Began`, {}, 1, /no event Chat.Began/],
    ['no such file', '--config nowhere.json', {}, 1, /cannot be read/],
    ['no key', `--set url=${url}`, { SECRETS_KEY: '' }, 1, /Nothing runs here.*SECRETS_KEY/],
    ['an unknown option', '--colour red', {}, 2, /unknown option/],
  ])('refuses %s', async (_, options, env, code, said) => {
    const command = `connections add webhook --site 7 --name refused ${options}`;
    const outcome = await ops(command, { env: { CONNECTION_SECRET: EXAMPLE_SECRET, ...env } });
    expect(outcome.code).toBe(code);
    expect(outcome.stderr.replaceAll(EXAMPLE_SECRET, '')).toMatch(said);
    expect(await rowOf('refused')).toBeUndefined();
  });

  it('refuses a name that is taken, and a consumer that is not there', async () => {
    expect(await add('crm')).toMatchObject({ code: 1, stderr: expect.stringContaining('change it with "mend"') });
    const unknown = await ops(`connections add fax --site 7 --name x --set url=${url}`);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('there is email, webhook') });
  });
});

it('connections list is a table, or JSON without secrets', async () => {
  expect((await ops('connections list')).stdout).toMatch(/SITE +CONSUMER +NAME +STATE[^]*7 +webhook +crm +ok/);
  const list = JSON.parse((await ops('connections list --consumer webhook --json')).stdout);
  expect(list).toEqual([expect.objectContaining({ name: 'crm', pending: 0, parked: 0 })]);
  expect(list[0]).not.toHaveProperty('secrets');
});

it('connections check really connects, mend makes it ok again', async () => {
  const receiver = await startWebhookReceiver();
  await add('live', receiver.url);
  const works = await ops('connections check 7/webhook/live');
  expect(works).toMatchObject({ code: 0, stdout: expect.stringMatching(/^127\.0\.0\.1:\d+ answers 204/) });
  expect(receiver.arrivals[0]?.isVerified).toBe(true);

  await pool.query(
    "update connection set state = 'broken', broken_reason = 'why', broken_since = now() where name = 'live'",
  );
  receiver.receiver.fault = () => ({ status: 410 });
  const gone = await ops('connections mend 7/webhook/live');
  expect(gone).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ConnectionBroken: The endpoint answers 410'),
  });
  expect(await rowOf('live')).toMatchObject({ state: 'broken', version: 1 });

  receiver.receiver.fault = () => undefined;
  expect(await ops('connections mend 7/webhook/live --rate 3')).toMatchObject({ code: 0 });
  expect(await rowOf('live')).toMatchObject({ state: 'ok', broken_reason: null, version: 2, rate_per_second: 3 });
  expect(await secretsOf('live')).toEqual({ secret: EXAMPLE_SECRET });
  await receiver.close();
  expect(await ops('connections check 7/webhook/live')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ECONNREFUSED'),
  });
});

it('connections remove asks while deliveries wait', async () => {
  await add('old');
  const { id } = await rowOf('old');
  await pool.query(`insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
                    values ('k', 't', '7', 'i', now(), '{}', 'h', 1, 'main', 'w')`);
  await pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, connection_id, owner_cluster, owner_workflow_id, look_at)
     values ($1, 'k', 'q', 'q', 'webhook', '7', $2, 'main', 'w', now())`,
    [randomUUID(), id],
  );
  expect(await ops('connections remove 7/webhook/old')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('1 deliveries wait'),
  });
  expect(await ops(`connections remove ${id} --yes`)).toMatchObject({ code: 0 });
  expect(await rowOf('old')).toBeUndefined();
  expect(await ops('connections remove 7/webhook/old')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no connection'),
  });
});

it('connections rotate-key seals everything with the new key', async () => {
  const next = newSecretsKey();
  const env = { SECRETS_KEY: next, SECRETS_KEY_PREVIOUS: key };
  expect(await ops('connections rotate-key', { env })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('3 of 3'),
  });
  expect(await secretsOf('crm', next)).toEqual({ secret: EXAMPLE_SECRET });
  await ops('connections rotate-key', { env: { SECRETS_KEY: key, SECRETS_KEY_PREVIOUS: next } });
});

describe('subscriptions', () => {
  it('are added, listed, and paused for one site by a row of its own', async () => {
    const added = await ops('subscriptions add Chat.Ended.Hook --event-type Chat.Ended --consumer webhook');
    expect(added).toMatchObject({ code: 0 });
    expect(await ops('subscriptions pause Chat.Ended.Hook --site 7')).toMatchObject({ code: 0 });
    const list = async (options: string) => JSON.parse((await ops(`subscriptions list --json ${options}`)).stdout);
    expect(await list('--site 7')).toEqual([
      expect.objectContaining({ dataQueue: 'Chat.Ended.Hook', siteId: '7', state: 'paused', waiting: 0 }),
    ]);
    expect(await list('--site 8')).toEqual([expect.objectContaining({ siteId: '*', state: 'active' })]);
  });

  it('are resumed by a workflow', async () => {
    expect(await ops('subscriptions resume Chat.Ended.Hook --site 7 --rate 5')).toMatchObject({ code: 0 });
    const handle = temporal.client.workflow.getHandle('resume/Chat.Ended.Hook/7');
    expect(await handle.describe()).toMatchObject({ type: 'resumeDeliveries', taskQueue: 'chat-events' });
    const { events = [] } = await handle.fetchHistory();
    const { data } = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0] ?? {};
    expect(JSON.parse(Buffer.from(data ?? []).toString())).toEqual({
      action: 'redrive',
      queue: 'Chat.Ended.Hook',
      failure: 'Paused',
      rate: 5,
      site: '7',
      resumes: '7',
    });
    const { rows } = await pool.query("select state from subscription where site_id = '7'");
    expect(rows).toEqual([{ state: 'resuming' }]);
    expect(await ops('subscriptions resume Chat.Ended.Hook --site 7')).toMatchObject({ code: 0 }); // it is under way already
  });

  it.each(['pause', 'resume'])('that are not there cannot be changed: %s', async (action) => {
    const outcome = await ops(`subscriptions ${action} Nothing`);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('no data queue Nothing') });
  });
});

it('explains itself', async () => {
  expect(await ops('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('connections') });
  expect(await ops('connections')).toMatchObject({ code: 2, stderr: expect.stringContaining('Commands:') });
  expect(await ops('conections list')).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown command') });
  const nowhere = await ops('connections list', { env: { DATABASE_URL: '' } });
  expect(nowhere).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Nothing runs here. Use "npm start", or set DATABASE_URL'),
  });
});

it('has never printed a secret', () => {
  expect(printed).not.toMatch(/hush-hush|MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw/);
});
