import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeliveryFailure } from '../../failures';
import { configSchema, credentialsOf, originOf, secretsSchema } from './account';
import { fakeUsers, settings, startZendesk } from './fake';
import { createZendesk } from './zendesk';

it.each([
  [{ subdomain: 'example' }, 'https://example.zendesk.com'],
  [{ endpoint: 'https://proxy.example.com/' }, 'https://proxy.example.com'],
  [{ endpoint: 'http://127.0.0.1:8080' }, 'http://127.0.0.1:8080'],
])('asks by %j at %s', (config, origin) => {
  expect(originOf(configSchema.parse(config))).toBe(origin);
});

it.each([
  {},
  { subdomain: 'example', endpoint: 'https://proxy.example.com' },
  { subdomain: 'evil.example.com/' },
  { subdomain: 'Example' },
  { subdomain: '-a' },
  { endpoint: 'https://user:password@proxy.example.com' },
  { endpoint: 'https://proxy.example.com/api/v2' },
  { endpoint: 'ftp://proxy.example.com' },
  { subdomain: 'example', email: 'two@example.com, three@example.com' },
  { subdomain: 'example', tags: ['live chat'] },
  { subdomain: 'example', tags: ['Live'] },
  { subdomain: 'example', customFields: { name: { value: 'x' } } },
  { subdomain: 'example', customFields: { 360001: 'contact.company' } },
  { subdomain: 'example', priority: 'highest' },
  { subdomain: 'example', fallbackRequesterId: '1' },
  { subdomain: 'example', commentPublic: { 'Agent.Ban': true } },
  { subdomain: 'example', more: 1 },
])('refuses the configuration %j', (config) => {
  expect(configSchema.safeParse(config).success).toBe(false);
});

it.each([
  {},
  { apiToken: 'a', oauthToken: 'b' },
  { apiToken: 'a', clientSecret: 'b' },
  { refreshToken: 'a' },
  { apiToken: 'a', refreshToken: 'b' },
  { apiToken: 'a b' },
  { apiToken: '' },
  { password: 'a' },
])('refuses the secrets %j', (secrets) => {
  expect(secretsSchema.safeParse(secrets).success).toBe(false);
});

it.each([
  [{ subdomain: 'example' }, { apiToken: 'a' }],
  [{ subdomain: 'example', email: 'agent@example.com' }, { oauthToken: 'a' }],
  [{ subdomain: 'example', clientId: 'a' }, { oauthToken: 'a' }],
  [{ subdomain: 'example', clientId: 'a', email: 'agent@example.com' }, { apiToken: 'a' }],
  [{ subdomain: 'example', clientId: 'a', email: 'agent@example.com' }, { clientSecret: 'a' }],
  [{ subdomain: 'example' }, { clientSecret: 'a' }],
  [{ subdomain: 'example' }, { clientSecret: 'a', refreshToken: 'b' }],
])('refuses %j with %j', (config, secrets) => {
  expect(() => credentialsOf({ config: configSchema.parse(config), secrets })).toThrow(DeliveryFailure);
});

it('takes the configuration that the guide shows', () => {
  const guide = readFileSync(join(__dirname, '../../../docs/zendesk-accounts.md'), 'utf8');
  const [, shown = ''] = /```json\n([^]*?)```/.exec(guide) ?? [];
  expect(configSchema.safeParse(JSON.parse(shown)).error).toBeUndefined();
});

describe('check', () => {
  const consumer = createZendesk({ allowedAddresses: ['127.0.0.1'] });
  let zendesk: Awaited<ReturnType<typeof startZendesk>>;
  beforeEach(async () => {
    zendesk = await startZendesk();
  });
  afterEach(() => zendesk.close());
  afterAll(() => consumer.close());

  const check = (config: object): Promise<string> =>
    consumer.connection.check(
      { ...zendesk.account, config: { ...zendesk.account.config, ...config } },
      AbortSignal.timeout(5_000),
    );
  const base =
    'accepts the account, user 900001, admin; 700 requests a minute for the whole account, 699 left; repeats are recognised for sure';

  const warning =
    'Zendesk takes no API tokens after 30 April 2027: give `clientId` and the secret `clientSecret` of an OAuth client instead';

  it('says who signs in, how much may be asked, and that all is there', async () => {
    const { ticketFieldIds, groupIds, brandIds, ticketFormIds } = settings;
    const customFields = { [ticketFieldIds[1]]: { value: 'x' } };
    const said = await check({
      customFields,
      groupId: groupIds[0],
      brandId: brandIds[0],
      ticketFormId: ticketFormIds[0],
    });
    expect(said).toBe(
      `${new URL(zendesk.origin).host} ${base} (Idempotency-Key and external_id); all that the configuration names is there\n${warning}`,
    );
    expect(zendesk.arrivals.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says that public comments are mailed to the entered address', async () => {
    const said = await check({ commentPublic: { 'OfflineMessage.Submit': true } });
    expect(said.split('\n').slice(1)).toEqual([
      warning,
      "comments are public for OfflineMessage.Submit: Zendesk's triggers mail them to the entered address, and a visitor can enter any address",
    ]);
  });

  it('notices a light agent', async () => {
    await zendesk.close();
    zendesk = await startZendesk({ user: fakeUsers.lightAgent });
    const said = await check({ commentPublic: { 'Chat.Ended': true } });
    expect(said).toContain('user 900004, light agent;');
    expect(said.split('\n')[2]).toMatch(/^a light agent writes internal notes only, those of Chat.Ended as well, and /);
  });

  it('names what the configuration names and the account has not', async () => {
    const said = await check({ customFields: { 5: { value: 'x' } }, groupId: 6, brandId: 7, ticketFormId: 8 });
    expect(said).toContain('not found: ticket field 5, group 6, brand 7, form 8');
  });
});

it('calls no address that is not public, unless it is allowed', async () => {
  const zendesk = await startZendesk();
  const guarded = createZendesk({ allowedAddresses: [] });
  const checking = guarded.connection.check(zendesk.account, AbortSignal.timeout(5_000));
  await expect(checking).rejects.toMatchObject({
    type: 'InvalidConfig',
    message: expect.stringMatching(/Correct its address, or allow it by ALLOWED_ADDRESSES\.$/),
  });
  expect(zendesk.sockets()).toBe(0);
  await guarded.close();
  await zendesk.close();
});
