import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecretBox, newSecretsKey } from '../activities/connections/secret-box';
import { signInOf } from '../activities/connections/sign-in-store';
import type { ConnectionKind } from '../activities/consumer';
import { isSignIn, startZendesk } from '../activities/consumers/zendesk/fake';
import { configSchema } from '../activities/consumers/email/account';
import { startTokenServer } from '../activities/consumers/email/fake/token-server';
import { endOfCredentials } from '../activities/consumers/email/providers';
import { insertConnection } from '../db/connections';
import { readFirstEnds } from '../db/sign-ins';
import { onPool } from '../db/tx';
import { prismaFolder } from '../prisma/migration-files';
import { openOpsCommand } from '../tests/ops-command';
import { createMetrics } from '../workers/metrics';
import { checkDatabase } from './doctor/check-database';
import { openOps } from './open-ops';
import { CommandFailure } from './output';
import { mendSignIn } from './sign-ins';

let command: Awaited<ReturnType<typeof openOpsCommand>>;
let zendesk: Awaited<ReturnType<typeof startZendesk>>;
beforeAll(async () => {
  command = await openOpsCommand();
  zendesk = await startZendesk();
});
afterAll(async () => {
  await command.close();
  await zendesk.close();
});

const place = '7/zendesk/support';
const refreshTokenOf = async () => (await command.secretsOf('support'))['refreshToken'];
const input = (secrets: object) => ({ input: JSON.stringify(secrets) });
const endsIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('a connection with a refresh token', () => {
  it('is added, and a check keeps the token that takes its place, and when that ends', async () => {
    const { endpoint, clientId } = zendesk.refreshAccount.config;
    const options = `--site 7 --name support --set endpoint=${endpoint} clientId=${clientId} --secrets -`;
    const added = await command.ops(`connections add zendesk ${options}`, input(zendesk.refreshAccount.secrets));
    expect(added).toMatchObject({ code: 0 });
    expect(await command.rowOf('support')).toMatchObject({ ends_at: null });
    const { stdout } = await command.ops(`connections check ${place}`);
    expect(stdout).toContain('ends if it is not used for 30 days');
    expect(await refreshTokenOf()).toBe(zendesk.refreshToken());
    expect((await command.ops('connections list')).stdout).toMatch(new RegExp(`ENDS[^]*support .* ${endsIn(30)} `));
  });

  it('is mended by the token that stands, which the check replaces again', async () => {
    const before = zendesk.refreshToken();
    expect(await command.ops(`connections mend ${place} --rate 5`)).toMatchObject({ code: 0 });
    expect(zendesk.refreshToken()).not.toBe(before);
    expect(await refreshTokenOf()).toBe(zendesk.refreshToken());
    expect(await command.rowOf('support')).toMatchObject({ rate_per_second: 5, edition: 2, token: null });
    expect((await command.ops('connections list')).stdout).toContain(endsIn(30));
  });

  it('is mended by another one that the check replaces, and keeps that although something else is wrong', async () => {
    await command.pool.query("update connection set ends_at = null where name = 'support'");
    const given = { ...zendesk.refreshAccount.secrets, refreshToken: zendesk.refreshToken() };
    zendesk.script.fault = (request) => (isSignIn(request) ? undefined : { status: 503 });
    const outcome = await command.ops(`connections mend ${place} --secrets -`, input(given));
    zendesk.script.fault = () => undefined;
    expect(outcome).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Unavailable: .*stored all the same/) });
    expect(given.refreshToken).not.toBe(zendesk.refreshToken());
    expect(await refreshTokenOf()).toBe(zendesk.refreshToken());
    expect(await command.rowOf('support')).toMatchObject({ edition: 3, ends_at: expect.any(Date) });
  });
});

it('a sign-in that is under way when a command ends is waited for, and its refresh token stored', async () => {
  let [onAsked, answer] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => (onAsked = resolve));
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const client = {
    id: 'c',
    secret: 's',
    refreshToken: 'first',
    rotatesRefreshTokens: true,
    mailboxes: ['a@example.com'],
  };
  const beforeRefresh = async () => {
    onAsked();
    await answered;
  };
  const oauth = await startTokenServer({ ...client, beforeRefresh });
  const ops = await openOps({ ALLOWED_ADDRESSES: '127.0.0.1' });
  const config = configSchema.parse({
    host: '127.0.0.1',
    port: 1,
    authorization: 'refreshToken',
    username: 'a@example.com',
    clientId: client.id,
    tokenUrl: oauth.googleUrl,
    from: { address: 'a@example.com' },
    recipients: {},
  });
  const { store, secrets } = signInOf({ clientSecret: client.secret, refreshToken: 'first' });
  const { email } = await ops.connectionKinds();
  const checking = email?.check({ config, secrets: secrets() }, new AbortController().signal, store);
  const checked = checking?.catch(() => {}); // no SMTP server is there
  await asked;
  const closed = ops.close();
  answer();
  await closed;
  expect(secrets()['refreshToken']).not.toBe('first');
  await checked;
  await oauth.close();
});

it('a refresh token that a check has replaced is kept, whatever the check fails by, such as its deadline', async () => {
  const { check, secrets } = mendSignIn({
    tx: onPool(command.pool),
    connectionId: '',
    secretBox: createSecretBox(newSecretsKey()),
    kind: {} as ConnectionKind, // nothing asks it for an end
    config: {},
    secrets: { refreshToken: 'r0' },
    before: {},
    async check(store) {
      await store.keep({ token: { accessToken: 'a' }, lastsMs: null, refreshToken: 'r1', refreshLastsMs: null }, 'r0', {
        id: '',
      });
      throw new CommandFailure('The destination does not answer within 30 s.');
    },
  });
  const { failure } = await check();
  expect(failure?.message).toMatch(/^The destination does not answer within 30 s\..*stored all the same/);
  expect(await secrets()).toEqual({ refreshToken: 'r1' });
});

it('deliveries that wait for a connection are due as soon as it is mended', async () => {
  const { id } = await command.rowOf('support');
  await command.pool
    .query(`insert into event (key, type, site_id, id, received_at, data, content_hash, delivery_count, cluster, workflow_id)
    values ('k', 't', '7', 'i', now(), '{}', 'h', 1, 'main', 'w')`);
  await command.pool.query(
    `insert into delivery (id, event_key, data_queue, label, consumer, site_id, connection_id, owner_cluster, owner_workflow_id,
       due_at, slot_at, look_at, failure_type, failure_details)
     select gen_random_uuid(), 'k', 'q' || n, 'q' || n, 'zendesk', '7', $1, 'main', 'w', now() + interval '1 hour',
       now() + interval '1 hour', now() + interval '2 hours', 'RateLimited', '{"rateLimited": 3, "status": 429}'
     from generate_series(1, 2) n`,
    [id],
  );
  await command.pool.query(
    "update delivery set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour' where data_queue = 'q2'",
  );
  expect(await command.ops(`connections mend ${place} --no-check`)).toMatchObject({ code: 0 });
  const { rows } = await command.pool.query(
    `select data_queue, due_at <= now() and look_at <= now() as due, slot_at is null as free, failure_details as details
     from delivery order by 1`,
  );
  expect(rows).toEqual([
    { data_queue: 'q1', due: true, free: true, details: { status: 429, woken: expect.any(Number) } },
    { data_queue: 'q2', due: false, free: false, details: { status: 429, rateLimited: 3 } }, // it is being sent
  ]);
});

it('a connection with an API token is listed with the day on which Zendesk takes it no more', async () => {
  const { endpoint, email } = zendesk.account.config;
  const options = `--site 7 --name old --set endpoint=${endpoint} email=${email} --secrets -`;
  expect(await command.ops(`connections add zendesk ${options}`, input(zendesk.account.secrets))).toMatchObject({
    code: 0,
  });
  const { stdout } = await command.ops('connections list --json');
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ name: 'old', endsAt: '2027-04-30T00:00:00.000Z' }),
  );
});

it('the doctor warns of a credential that no sign-in renews, and of a refresh token that is not used', async () => {
  const endsFound = async () => {
    const options = { url: command.url, secretBox: createSecretBox(command.key), poolSize: 1 };
    return (await checkDatabase(options)).find(({ check }) => check === 'ends of sign-ins');
  };
  expect(await endsFound()).toMatchObject({
    state: 'warn',
    found: '7/zendesk/old on 2027-04-30',
    remedy: expect.stringContaining('connections check 7/zendesk/old'),
  });
  await command.pool.query("update connection set ends_at = now() + interval '6 days' where name = 'support'");
  expect(await endsFound()).toMatchObject({
    found: `7/zendesk/support on ${endsIn(6)}, 7/zendesk/old on 2027-04-30`,
  });
});

it('the metrics of a worker say when the first of them ends, also while the database does not answer', async () => {
  const list = JSON.parse((await command.ops('connections list --json')).stdout) as { readonly endsAt: string }[];
  const first = Math.min(...list.map(({ endsAt }) => Date.parse(endsAt))) / 1000;
  const answers = [
    () => readFirstEnds(onPool(command.pool)),
    () => Promise.reject(new Error('It is down.')),
    () => new Promise<never>(() => {}),
  ];
  const { registry } = createMetrics({ readEnds: async () => (await answers.shift()?.()) ?? [] });
  const line = `chat_events_connection_ends_timestamp_seconds{consumer="zendesk"} ${first}\n`;
  for (let n = 0; n < 3; n++) expect(await registry.metrics()).toContain(line);
  expect(await registry.metrics()).not.toContain('consumer="zendesk"');
});

it('a mail connection that was there before is listed with the day on which its passwords end, as a new one', async () => {
  const user = { username: 'u' };
  const given = { authorization: 'clientCredentials', clientId: 'c', tenant: 't' };
  const configs = [
    ...['smtp.office365.com', 'Outlook.Office365.com', 'notoffice365.com', 'smtp.gmail.com'].map((host) => ({
      host,
      ...user,
    })),
    { host: 'smtp.office365.com' },
    { host: 'smtp.office365.com', ...user, ...given },
  ].map((config) => ({ ...config, from: { address: 'a@example.com' } }));
  const tx = onPool(command.pool);
  const limits = { eventTypes: [], maxInFlight: 10, ratePerSecond: null, secrets: null, secretsKeyId: null };
  for (const [i, config] of configs.entries()) {
    await insertConnection(tx, { id: randomUUID(), siteId: '8', consumer: 'email', name: `${i}`, config, ...limits });
  }
  const file = join(prismaFolder, 'migrations', '20261130074000_mail_passwords_end', 'migration.sql');
  await command.pool.query(readFileSync(file, 'utf8'));
  const list = JSON.parse((await command.ops('connections list --site 8 --json')).stdout) as {
    endsAt: string | null;
  }[];
  const ends = configs.map((config) => endOfCredentials({ config: configSchema.parse(config), secrets: {} }));
  expect(ends.filter((end) => end !== null)).toHaveLength(2);
  expect(list.map(({ endsAt }) => endsAt)).toEqual(ends.map((end) => end?.toISOString() ?? null));
});
