import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newSecretsKey } from '../activities/connections/secret-box';
import { EXAMPLE_SECRET, startWebhookReceiver } from '../activities/consumers/webhook/fake';
import { openOpsCommand } from '../tests/ops-command';

const url = 'https://example.com/hook';
const OTHER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NO_SECRET = 'not-for-a-command-line';
let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  command = await openOpsCommand();
});

afterAll(() => command.close());

const add = (name: string, address = url) =>
  command.ops(`connections add webhook --site 7 --name ${name} --set url=${address}`, {
    env: { CONNECTION_SECRET: EXAMPLE_SECRET },
  });

describe('connections add', () => {
  it('takes the secret from the environment and seals it', async () => {
    const { code, stdout } = await add('crm');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Added 7/webhook/crm') });
    expect(await command.rowOf('crm')).toMatchObject({ config: { url }, state: 'ok', version: 1, max_in_flight: 10 });
    expect(await command.secretsOf('crm')).toEqual({ secret: EXAMPLE_SECRET });
  });

  it('takes the configuration from a file, values over it, and secrets from standard input', async () => {
    const file = join(command.dir, 'smtp.json');
    await writeFile(
      file,
      JSON.stringify({ host: 'smtp.example.com', username: 'u', from: { address: 'a@example.com' } }),
    );
    const limits = '--max-in-flight 2 --rate 0.5 --event-types Chat.Ended';
    const args = `connections add email --site 7 --name mail --config ${file} --set port=2525 --secrets - ${limits}`;
    expect(await command.ops(args, { input: '{"password":"hush-hush"}' })).toMatchObject({ code: 0 });
    expect(await command.rowOf('mail')).toMatchObject({
      config: { host: 'smtp.example.com', port: 2525 },
      max_in_flight: 2,
      rate_per_second: 0.5,
      event_types: ['Chat.Ended'],
    });
    expect(await command.secretsOf('mail')).toEqual({ password: 'hush-hush' });
  });

  it('gives a connection the limits that its destination has, unless others are given', async () => {
    const config = { host: 'smtp.office365.com', from: { address: 'a@example.com' } };
    const added = await command.ops('connections add email --site 7 --name office --config - --max-in-flight 2', {
      input: JSON.stringify(config),
    });
    expect(added).toMatchObject({ code: 0 });
    expect(await command.rowOf('office')).toMatchObject({ max_in_flight: 2, rate_per_second: 0.5 });
    await command.pool.query("delete from connection where name = 'office'");
  });

  it('takes the configuration from standard input', async () => {
    const surroundings = { input: JSON.stringify({ url }), env: { CONNECTION_SECRET: EXAMPLE_SECRET } };
    const args = 'connections add webhook --site 7 --name piped --config - --json';
    const { code, stdout } = await command.ops(args, surroundings);
    const { id, config } = await command.rowOf('piped');
    expect(config).toEqual({ url });
    expect([code, JSON.parse(stdout)]).toEqual([0, { id, siteId: '7', consumer: 'webhook', name: 'piped' }]);
  });

  it.each([
    ['a configuration that does not fit', '--set url=ftp://example.com', {}, 1, /url: expected an https/],
    ['a number that no double can hold', '--set retries=1e400', {}, 1, /^retries: expected a number/],
    ['a secret that does not fit', '', { CONNECTION_SECRET: 'whsec_short' }, 1, /secrets cannot be used: secret/],
    ['no secret', '', { CONNECTION_SECRET: '' }, 1, /is missing: set CONNECTION_SECRET, or use --secrets/],
    ['a secret on the command line', `--secrets ${NO_SECRET}`, {}, 1, /takes only -/],
    ['two things on standard input', '--config - --secrets -', {}, 1, /configuration or the secrets/],
    ['no such file', '--config nowhere.json', {}, 1, /cannot be read/],
    ['no key', '', { SECRETS_KEY: '' }, 1, /Nothing runs here.*SECRETS_KEY/],
    ['no address', '', { ALLOWED_ADDRESSES: 'here' }, 1, /^ALLOWED_ADDRESSES: here is neither/],
    ['an unknown event', '--event-types Chat.Began', {}, 2, /no event Chat.Began[^]*Usage:/],
    ['half a send at once', '--max-in-flight 2.5', {}, 2, /whole number[^]*Usage:/],
    ['a site that no event can have', '--site acme', {}, 2, /Expected a site id[^]*Usage:/],
    ['no site', '--site 0', {}, 2, /Expected a site id[^]*Usage:/],
    ['a name that a path cannot hold', '--name a/refused', {}, 2, /no slash[^]*Usage:/],
    ['a rate that is none', '--rate never', {}, 2, /number above 0[^]*Usage:/],
  ])('refuses %s', async (_, options, env, code, said) => {
    const args = `connections add webhook --site 7 --name refused --set url=${url} ${options}`.trim();
    const surroundings = { env: { CONNECTION_SECRET: EXAMPLE_SECRET, ...env }, input: JSON.stringify({ url }) };
    const outcome = await command.ops(args, surroundings);
    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(said) });
    expect(await command.rowOf('refused')).toBeUndefined();
  });

  const https = /not called: Only https on the ports 443 and 8443\. .*ALLOWED_ADDRESSES/;
  const from = { address: 'a@example.com' };
  const clientId = 'x';
  const oauth = { authorization: 'jwtBearer', username: 'a', clientId, tokenUrl: 'http://oauth.example.com' };
  it.each([
    ['webhook', { url: 'https://example.com:9443/hook' }, https],
    ['webhook', { url: 'https://10.0.0.8/hook' }, /not called: The address is not public\. .*ALLOWED_ADDRESSES/],
    ['email', { host: 'smtp.example.com', port: 443, from }, /Only the ports 25, 465, 587, 2525\. .*ALLOWED_ADDRESSES/],
    ['email', { host: 'smtp.example.com', ...oauth, from }, https],
    ['salesforce', { loginUrl: 'http://sf.example.com', authorization: 'clientCredentials', clientId }, https],
    ['zendesk', { endpoint: 'https://zendesk.example.com:4430', clientId }, https],
  ])('refuses an address of %s that no delivery would call: %j', async (consumer, config, said) => {
    const surroundings = { env: { ALLOWED_ADDRESSES: '' }, input: JSON.stringify(config) };
    const outcome = await command.ops(`connections add ${consumer} --site 7 --name refused --config -`, surroundings);
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
    expect(await command.rowOf('refused')).toBeUndefined();
  });

  it('takes a site as an event has it', async () => {
    const options = ['webhook', '--site', ' 010001 ', '--name', ' zeros ', '--set', `url=${url}`, '--json'];
    const { code, stdout } = await command.run(['connections', 'add', ...options], {
      env: { CONNECTION_SECRET: EXAMPLE_SECRET },
    });
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { siteId: '10001', name: 'zeros' }]);
    expect(await command.rowOf('zeros')).toMatchObject({ site_id: '10001' });
    await command.pool.query("delete from connection where name = 'zeros'");
  });

  it('refuses a name that is taken, a consumer that is not there, and no site', async () => {
    expect(await add('crm')).toMatchObject({ code: 1, stderr: expect.stringContaining('change it with "mend"') });
    const unknown = await command.ops(`connections add fax --site 7 --name x --set url=${url}`);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/there is email, .*webhook/) });
    const nowhere = await command.ops(`connections add webhook --name x --set url=${url}`);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringMatching(/'--site <id>' not specified[^]*Usage:/) });
  });
});

it('connections list is a table, or JSON without secrets', async () => {
  expect((await command.ops('connections list')).stdout).toMatch(/SITE +CONSUMER +NAME +STATE[^]*7 +webhook +crm +ok/);
  const list = JSON.parse((await command.ops('connections list --consumer email --json')).stdout);
  expect(list).toEqual([expect.objectContaining({ name: 'mail', pending: 0, parked: 0 })]);
  expect(list[0]).not.toHaveProperty('secrets');
});

it('connections check really connects, mend makes it ok again', async () => {
  const { ops, pool, rowOf, secretsOf } = command;
  const receiver = await startWebhookReceiver();
  await add('live', receiver.url);
  const works = { code: 0, stdout: expect.stringMatching(/^127\.0\.0\.1:\d+ answers 204/) };
  expect(await ops('connections check 7/webhook/live')).toMatchObject(works);
  expect(receiver.arrivals[0]?.isVerified).toBe(true);
  const nothing = { code: 1, stderr: expect.stringContaining('A check of webhook writes no record') };
  expect(await ops('connections check 7/webhook/live --write')).toMatchObject(nothing);
  expect(receiver.arrivals).toHaveLength(1);
  expect(await ops('connections send-test 7/webhook/live --type Agent.Ban')).toMatchObject({ code: 0 });
  const [sent] = receiver.arrivals.splice(1);
  expect(JSON.parse(sent?.isVerified ? sent.body : '')).toMatchObject({ type: 'Agent.Ban', data: { siteId: '7' } });
  await pool.query(
    "update connection set state = 'broken', broken_reason = 'why', broken_since = now() where name = 'live'",
  );
  receiver.receiver.fault = () => ({ status: 410 });
  const says410 = { code: 1, stderr: expect.stringContaining('ConnectionBroken: The endpoint answers 410') };
  expect(await ops('connections check 7/webhook/live')).toMatchObject(says410);
  expect(await ops('connections mend 7/webhook/live')).toMatchObject(says410);
  expect(await rowOf('live')).toMatchObject({ state: 'broken', version: 1 });
  receiver.receiver.fault = () => undefined;
  expect(await ops('connections mend 7/webhook/live --rate 3')).toMatchObject({ code: 0 });
  expect(await rowOf('live')).toMatchObject({ state: 'ok', broken_reason: null, version: 2, rate_per_second: 3 });
  expect(await secretsOf('live')).toEqual({ secret: EXAMPLE_SECRET });
  const { id } = await rowOf('live');
  const says = expect.stringMatching(/ answers 204 after \d+ ms$/);
  for (const command of ['check', 'mend']) {
    const { stdout } = await ops(`connections ${command} 7/webhook/live --json`);
    expect(JSON.parse(stdout)).toEqual({ id, says });
  }
  await receiver.close();
  expect(await ops('connections check 7/webhook/live')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ECONNREFUSED'),
  });
});

it('connections mend changes secrets one by one, or all on standard input', async () => {
  const { ops, secretsOf } = command;
  const env = { CONNECTION_SECRET: OTHER_SECRET, CONNECTION_PREVIOUS_SECRET: EXAMPLE_SECRET };
  expect(await ops('connections mend 7/webhook/piped --no-check', { env })).toMatchObject({ code: 0 });
  expect(await secretsOf('piped')).toEqual({ secret: OTHER_SECRET, previousSecret: EXAMPLE_SECRET });
  const input = JSON.stringify({ secret: OTHER_SECRET });
  expect(await ops('connections mend 7/webhook/piped --no-check --secrets -', { input })).toMatchObject({ code: 0 });
  expect(await secretsOf('piped')).toEqual({ secret: OTHER_SECRET });
});

it('connections mend refuses an address that no delivery would call, and takes one that may be allowed', async () => {
  const { ops, rowOf } = command;
  const mend = (ALLOWED_ADDRESSES: string) =>
    ops('connections mend 7/webhook/piped --no-check --set url=http://crm.example:8080/hook', {
      env: { ALLOWED_ADDRESSES },
    });
  expect(await mend('')).toMatchObject({ code: 1, stderr: expect.stringContaining('Only https on the ports') });
  expect(await rowOf('piped')).toMatchObject({ config: { url } });
  expect(await mend('10.0.0.0/8')).toMatchObject({ code: 0 });
  expect(await rowOf('piped')).toMatchObject({ config: { url: 'http://crm.example:8080/hook' } });
});

it('connections remove asks while deliveries wait', async () => {
  const { ops, pool, rowOf } = command;
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
  expect(await rowOf('old')).toBeDefined();
  expect(await ops(`connections remove ${id} --yes --json`)).toMatchObject({ code: 0, stdout: `{"id":"${id}"}\n` });
  expect(await rowOf('old')).toBeUndefined();
  expect(await ops('connections remove 7/webhook/old')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no connection 7/webhook/old'),
  });
});

it('connections rotate-key seals everything with the new key, and names what it cannot open', async () => {
  const { ops, pool, secretsOf, key } = command;
  const next = newSecretsKey();
  const env = { SECRETS_KEY: next, SECRETS_KEY_PREVIOUS: key };
  await pool.query("update connection set secrets = overlay(secrets placing 'x' from 40) where name = 'crm'");
  const outcome = await ops('connections rotate-key', { env });
  expect(outcome).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The secrets of 1 connection\(s\) could not be opened.*\n7\/webhook\/crm: /),
  });
  expect(outcome.stdout).toContain('4 of 4');
  expect(await secretsOf('mail', next)).toEqual({ password: 'hush-hush' });

  // The new key alone is enough, even to give anew what nobody can open any more.
  const surroundings = { env: { SECRETS_KEY: next }, input: JSON.stringify({ secret: EXAMPLE_SECRET }) };
  const mended = await ops('connections mend 7/webhook/crm --no-check --secrets -', surroundings);
  expect(mended).toMatchObject({ code: 0 });
  const again = await ops('connections rotate-key', surroundings);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^All secrets are sealed/) });
  expect(await secretsOf('crm', next)).toEqual({ secret: EXAMPLE_SECRET });
  const { stdout } = await ops('connections rotate-key --json', surroundings);
  expect(JSON.parse(stdout)).toEqual({ keyId: expect.any(String), resealed: 0 });
});

it('has never printed a secret, nor stored one as it is', async () => {
  const { rows } = await command.pool.query("select c::text, encode(secrets, 'escape') from connection c");
  const secrets = ['hush-hush', NO_SECRET, EXAMPLE_SECRET.slice(6), OTHER_SECRET.slice(6)];
  for (const secret of secrets) expect(command.seen.printed + JSON.stringify(rows)).not.toContain(secret);
  expect(rows).toHaveLength(4);
});
