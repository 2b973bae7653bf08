import { generateKeyPairSync } from 'node:crypto';
import { newSecretsKey } from '../activities/connections/secret-box';
import { openOpsCommand } from '../tests/ops-command';

let command: Awaited<ReturnType<typeof openOpsCommand>>;

beforeAll(async () => {
  command = await openOpsCommand();
});

afterAll(() => command.close());

it('shows a connection, what its receiver needs, and the names of its secrets alone', async () => {
  const seed = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
  const secrets = { secret: `whsk_${seed.toString('base64')}`, headers: 'X-Api-Key: header-marker' };
  const args = `connections add webhook --site 7 --name crm --set url=https://example.com/hook --set headers={"X-Tenant":"t"} --secrets -`;
  expect(await command.ops(args, { input: JSON.stringify(secrets) })).toMatchObject({ code: 0 });
  const { code, stdout } = await command.ops('connections show 7/webhook/crm');
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^7\/webhook\/crm \(.*\): ok\nConfiguration: \{[^]*"X-Tenant": "t"[^]*\nSecrets: secret, headers\n/,
  );
  expect(stdout).toMatch(/Signed by Ed25519; the receiver verifies with whpk_[\w+/]{43}=$/m);
  expect(stdout).not.toContain('header-marker');
  const json = await command.ops('connections show 7/webhook/crm --json');
  expect(JSON.parse(json.stdout)).toMatchObject({ name: 'crm', state: 'ok', secrets: ['secret', 'headers'] });
  expect(json.stdout).not.toContain(secrets.secret);
  await command.pool.query(`update connection set state = 'broken', broken_reason = 'why', broken_since = now()`);
  expect((await command.ops('connections show 7/webhook/crm')).stdout).toMatch(/\): broken\nBroken since 20.*: why\n/);
});

it('tells where a site is told that it breaks, with a secret of its own, which a new key seals too', async () => {
  const { ops, pool } = command;
  const env = { CONNECTION_NOTIFY_SECRET: `whsec_${Buffer.alloc(24, 3).toString('base64')}` };
  const mend = 'connections mend 7/webhook/crm --no-check --notify';
  expect(await ops(`${mend} http://10.0.0.1/x`, { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not called'),
  });
  expect(await ops(`${mend} https://example.com/hook`, { env })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is the address of the connection itself'),
  });
  expect(
    await ops(`${mend} https://status.example.com/x`, { env: { CONNECTION_NOTIFY_SECRET: 'short' } }),
  ).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('CONNECTION_NOTIFY_SECRET cannot be used'),
  });
  expect(await ops(`${mend} https://status.example.com/x`, { env })).toMatchObject({ code: 0 });
  const shown = await ops('connections show 7/webhook/crm');
  expect(shown.stdout).toMatch(
    /^Tells status\.example\.com when it breaks or is mended\n {2}Not there yet: connection\.mended of /m,
  );
  const key = newSecretsKey();
  const rotate = { SECRETS_KEY: key, SECRETS_KEY_PREVIOUS: command.key };
  expect(await ops('connections rotate-key', { env: rotate })).toMatchObject({ code: 0 });
  expect((await ops('connections show 7/webhook/crm', { env: { SECRETS_KEY: key } })).stdout).not.toContain(
    'cannot be opened',
  );
  expect(
    await ops('connections mend 7/webhook/crm --no-check --notify none', { env: { SECRETS_KEY: key } }),
  ).toMatchObject({
    code: 0,
  });
  expect((await pool.query('select from connection_notice')).rowCount).toBe(0);
});
