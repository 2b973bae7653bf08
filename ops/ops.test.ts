import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startZendesk } from '../activities/consumers/zendesk/fake';
import { claimStack } from '../stack/stack-file';
import { freshNamespace, type FreshNamespace } from '../tests/fresh-namespace';
import { openOpsCommand } from '../tests/ops-command';

let temporal: FreshNamespace;
let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  temporal = await freshNamespace();
  command = await openOpsCommand({
    TEMPORAL_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'],
    TEMPORAL_NAMESPACE: temporal.namespace,
  });
});

afterAll(async () => {
  await command.close();
  await temporal.close();
});

it('connections check --record writes what is answered, without secrets and people', async () => {
  const zendesk = await startZendesk();
  const { endpoint, clientId } = zendesk.oauthAccount.config;
  const options = `--site 7 --name desk --set endpoint=${endpoint} --set clientId=${clientId} --secrets -`;
  await command.ops(`connections add zendesk ${options}`, { input: JSON.stringify(zendesk.oauthAccount.secrets) });
  const dir = join(command.dir, 'answers');
  const { stdout } = await command.ops(`connections check 7/zendesk/desk --record ${dir}`);
  const before = zendesk.arrivals.length;
  const again = await command.ops(`connections check 7/zendesk/desk --record ${dir}`);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('Name another folder, or remove them') });
  expect(zendesk.arrivals).toHaveLength(before);
  await zendesk.close();
  expect(stdout).toContain(`2 answers are in ${dir}; read them before you send them to others.`);
  const names = ['zendesk-001-POST-oauth-tokens.json', 'zendesk-002-GET-api-v2-users-me-json.json'];
  expect(await readdir(dir)).toEqual(names);
  const [token, me] = await Promise.all(names.map((name) => readFile(join(dir, name), 'utf8')));
  expect(JSON.parse(token ?? '')).toMatchObject({
    status: 201,
    body: { access_token: '{token}', token_type: 'bearer' },
  });
  expect(JSON.parse(me ?? '')).toMatchObject({
    consumer: 'zendesk',
    method: 'GET',
    path: '/api/v2/users/me.json',
    status: 200,
    headers: { 'x-rate-limit': '700' },
    body: { user: { id: '{id}', name: '{name}', email: '{email}', role: 'admin' } },
  });
});

describe('subscriptions', () => {
  it('are added, listed, and paused for one site by a row of its own', async () => {
    const { ops } = command;
    const added = await ops('subscriptions add Chat.Ended.Hook --event-type Chat.Ended --consumer webhook');
    expect(added).toMatchObject({ code: 0 });
    const { stdout } = await ops('subscriptions pause Chat.Ended.Hook --site 7 --json');
    expect(JSON.parse(stdout)).toEqual({ dataQueue: 'Chat.Ended.Hook', siteId: '7', state: 'paused' });
    const list = async (options: string) => JSON.parse((await ops(`subscriptions list --json ${options}`)).stdout);
    const common = {
      dataQueue: 'Chat.Ended.Hook',
      eventType: 'Chat.Ended',
      consumer: 'webhook',
      waiting: 0,
      filter: null,
    };
    expect(await list('--site 7')).toEqual([{ ...common, siteId: '7', state: 'paused' }]);
    expect(await list('--site 8')).toEqual([{ ...common, siteId: '*', state: 'active' }]);
  });

  it('are resumed by a workflow', async () => {
    const { ops, pool } = command;
    expect(await ops('subscriptions resume Chat.Ended.Hook --site 7 --rate 5')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('resume/Chat.Ended.Hook/7 sends the deliveries that waited, 5 per second'),
    });
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
    expect(await ops('subscriptions resume Chat.Ended.Hook --site 7')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is at it already'),
    });
  });

  it('are resumed on standby while main is down', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_STANDBY_ADDRESS: process.env['TEST_TEMPORAL_ADDRESS'] };
    const { ops, pool } = command;
    await pool.query("insert into subscription values ('Chat.Ended.Other', '*', 'Chat.Ended', 'webhook', 'paused')");
    expect(await ops('subscriptions resume Chat.Ended.Other', { env })).toMatchObject({ code: 0 });
    const handle = temporal.client.workflow.getHandle('resume/Chat.Ended.Other/*');
    expect(await handle.describe()).toMatchObject({ type: 'resumeDeliveries' });
    await pool.query("delete from subscription where data_queue = 'Chat.Ended.Other'");
  });

  it.each([
    ['resume Nothing', 1, /There is no data queue Nothing/],
    ['resume Chat.Ended.Hook --rate 1001', 1, /at most 1000/], // the workflow would refuse it
    ['resume Chat.Ended.Hook --rate -1', 2, /number above 0[^]*Usage:/],
    ['pause Chat.Ended.Hook --site acme', 2, /Expected a site id[^]*Usage:/],
    ['list --site acme', 2, /Expected a site id[^]*Usage:/],
    ['add Chat.Ended.Hook --event-type Chat.Ended --consumer webhook', 1, /There is Chat.Ended.Hook for \* already/],
    ['add Other --event-type Chat.Began --consumer webhook', 1, /There is no event Chat.Began/],
    ['add Other --event-type Chat.Ended --consumer fax', 1, /there is email, persistence, salesforce/],
  ])('refuse: %s', async (args, code, said) => {
    const before = (await command.pool.query('select * from subscription')).rows;
    expect(await command.ops(`subscriptions ${args}`)).toMatchObject({ code, stderr: expect.stringMatching(said) });
    expect((await command.pool.query('select * from subscription')).rows).toEqual(before);
  });

  it('are not changed while Temporal does not answer', async () => {
    const env = { TEMPORAL_ADDRESS: '127.0.0.1:9' }; // nothing listens there
    expect(await command.ops('subscriptions resume Chat.Ended.Hook', { env })).toMatchObject({
      code: 1,
      stderr: 'Temporal does not answer at 127.0.0.1:9.\n',
    });
    const { rows } = await command.pool.query("select state from subscription where site_id = '*'");
    expect(rows).toEqual([{ state: 'active' }]);
  });
});

it('is a program that ends with an exit code', async () => {
  const { runProcess } = command;
  expect(await runProcess('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('connections') });
  expect(await runProcess('connections check 7/webhook/none')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no connection 7/webhook/none'),
  });
});

it('explains itself', async () => {
  const { ops } = command;
  expect(await ops('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('connections') });
  expect(await ops('connections')).toMatchObject({ code: 2, stderr: expect.stringContaining('Commands:') });
  const unknown = { code: 2, stderr: expect.stringMatching(/unknown command[^]*Usage:/) };
  expect(await ops('conections list')).toMatchObject(unknown);
  expect(await ops('connections shows')).toMatchObject(unknown);
});

it('says what is missing when nothing runs, and when the database does not answer', async () => {
  const { ops } = command;
  expect(await ops('connections list', { env: { DATABASE_URL: '' } })).toMatchObject({
    code: 1,
    stderr: 'Nothing runs here. Use "npm start", or set DATABASE_URL.\n',
  });
  expect(await ops('connections list', { env: { DATABASE_URL: 'postgres://127.0.0.1:9/x' } })).toMatchObject({
    code: 1,
    stderr: 'DatabaseUnavailable: The database did not answer (ECONNREFUSED).\n',
  });
});

it('allows the addresses that the running npm start allows, where it is told no others', async () => {
  const { dir, url, ops } = command;
  const claim = await claimStack(join(dir, '.data/stack.json'));
  const others = { clusters: [], secretsKeyFile: null, largeEventsDir: dir, workerPort: 1 };
  await claim.announce({ ...others, databaseUrl: url, allowedAddresses: 'of-npm-start' });
  const add = (ALLOWED_ADDRESSES: string) =>
    ops('connections add fax --site 7 --name f', { env: { ALLOWED_ADDRESSES } });
  expect((await add('')).stderr).toMatch(/^ALLOWED_ADDRESSES: of-npm-start is neither/);
  expect((await add('127.0.0.1')).stderr).toMatch(/^There is no consumer "fax" with connections/);
  await claim.release();
});

const ATTEMPTS = [
  {
    n: 8,
    at: '2026-11-30T08:00:01.000Z',
    outcome: 'pending',
    failure: 'Unavailable',
    status: 500,
    ms: 812,
    worker: '7@host',
  },
  { n: 9, at: '2026-11-30T08:00:09.000Z', outcome: 'parked', failure: 'Rejected', ms: 12, worker: '7@host' },
];

describe('events', () => {
  const key = 'Agent.Ban/7/a b'; // a key may have spaces
  const show = (options: readonly string[] = []) => command.run(['events', 'show', key, ...options]);

  it('are not there before they are recorded, and the answer says where they may be', async () => {
    const places = /is a workflow of that id, or in a batch; .* in the journal of its publisher/;
    expect(await show()).toMatchObject({ code: 1, stderr: expect.stringMatching(places) });
  });

  it.each(['5f3a', 'Chat.Began/7/5f3a', 'Agent.Ban/acme/5f3a'])(
    'are not looked for by %s, which is no key',
    async (text) => {
      const { code, stderr } = await command.run(['events', 'show', text]);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `${text} is not the key of an event. A key is {type}/{site}/{id}, such as Chat.Ended/10001/5f3a`,
      );
    },
  );

  it('are shown with the workflow that carries them and each delivery, and without their data', async () => {
    const { pool } = command;
    await pool.query(
      `insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
       values ($1, 'Agent.Ban', '7', 'a b', now(), '{"comment":"personal-marker"}', 'h', 2, 'main', 'ride/5')`,
      [key],
    );
    await pool.query(
      `insert into delivery (id, event_key, data_queue, label, consumer, site_id, state, owner_cluster, owner_workflow_id, look_at,
                             failure_type, failure_message, receipt, settled_at)
       values (gen_random_uuid(), $1, 'Agent.Ban', 'Agent.Ban', 'persistence', '7', 'delivered', 'main', 'ride/5', now(), null, null, '{"skipped":"no fields"}', now()),
              (gen_random_uuid(), $1, 'Agent.Ban.Crm', 'Agent.Ban.Crm', 'salesforce', '7', 'delivered', 'main', 'ride/5', now(), null, null,
               '{"ids":{"case":"500A1","contact":"003B2"},"outcome":"created"}', now()),
              (gen_random_uuid(), $1, 'Agent.Ban.Hook', 'Agent.Ban.Hook', 'webhook', '7', 'parked', 'main', $1, now(), 'Rejected', 'no', null, now())`,
      [key],
    );
    await pool.query(`update delivery set attempts = $1 where label = 'Agent.Ban.Hook'`, [JSON.stringify(ATTEMPTS)]);
    const { code, stdout } = await show();
    expect(code).toBe(0);
    expect(await command.run(['events', 'show', 'agent.ban/007/a b '])).toMatchObject({ code: 0, stdout });
    expect(stdout).toContain('on main by the workflow ride/5');
    expect(stdout).toMatch(
      /^Agent\.Ban\.Hook +8 +2026-11-30T08:00:01.000Z +812 +tried again +Unavailable 500 +7@host$/m,
    );
    expect(stdout).toMatch(/Agent\.Ban\.Hook +parked +9 .*main Agent\.Ban\/7\/a b +Rejected: no/);
    expect(stdout).toMatch(/Agent\.Ban\.Crm +delivered .*main ride\/5 +case 500A1, contact 003B2$/m);
    expect(stdout).toMatch(/Agent\.Ban +delivered .*main ride\/5 +nothing to do: no fields$/m);
    expect(stdout).not.toContain('personal-marker');
    const { stdout: json } = await show(['--json']);
    expect(JSON.parse(json)).toMatchObject({
      key,
      recorded: { workflowId: 'ride/5' },
      deliveries: [{ state: 'delivered' }, { receipt: { ids: { case: '500A1' } } }, {}],
    });
  });
});
