import { generateKeyPairSync } from 'node:crypto';
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
