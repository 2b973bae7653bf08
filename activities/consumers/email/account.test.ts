import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from './account';
import { describeEnd, endOfCredentials, limitsFor } from './providers';

it('needs little: a server and a sender; TLS is the default', () => {
  const config = { host: 'smtp.example.com', from: { address: 'support@example.com' } };
  expect(configSchema.parse(config)).toEqual({
    ...config,
    security: 'starttls',
    authorization: 'password',
    recipients: {},
    transcriptToVisitor: false,
  });
});

it.each([
  [{ host: 'smtp.example.com/x' }, 'host'],
  [{ port: 0 }, 'port'],
  [{ security: 'opportunistic' }, 'security'],
  [{ from: { address: 'a@x.com, b@x.com' } }, 'from.address'],
  [{ from: { address: ' a@x.com' } }, 'from.address'],
  [{ recipients: { 'Chat.Ended': ['a'] } }, 'recipients.Chat.Ended.0'],
  [{ recipients: { 'Chat.Ended': Array.from({ length: 21 }, (_, at) => `a${at}@x.com`) } }, 'recipients.Chat.Ended'],
  [{ recipients: { 'Chat.Begun': [] } }, 'recipients'],
  [{ recipientsByDepartment: { 3: ['a@b'] } }, 'recipientsByDepartment.3.0'],
  [{ password: 'x' }, ''],
  [{ username: 'a\u0001auth=Bearer b' }, 'username'],
  [{ clientId: 'x' }, 'clientId'],
  [{ authorization: 'clientCredentials', username: 'a@x.com', clientId: 'x' }, 'tenant'],
  [{ authorization: 'clientCredentials', username: 'a@x.com', clientId: 'x', tenant: 'a/b' }, 'tenant'],
  [{ authorization: 'jwtBearer', clientId: 'x' }, 'username'],
  [{ authorization: 'refreshToken', username: 'a@x.com' }, 'clientId'],
  [{ authorization: 'jwtBearer', username: 'a@x.com', clientId: 'x', tokenUrl: 'ftp://x' }, 'tokenUrl'],
])('names the mistake in %j', (part, path) => {
  const config = { host: 'smtp.example.com', from: { address: 'support@example.com' }, ...part };
  const { error } = configSchema.safeParse(config);
  expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

it('takes the configurations that the guides show, and they tell every field', () => {
  const pages = ['smtp-accounts.md', 'smtp-providers.md'];
  const guide = pages.map((page) => readFileSync(join(__dirname, '../../../docs', page), 'utf8')).join('\n');
  const shown = [...guide.matchAll(/```json\n([^]*?)```/g)];
  expect(shown.length).toBeGreaterThan(1);
  for (const [, json = ''] of shown) expect(configSchema.safeParse(JSON.parse(json)).error).toBeUndefined();
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  expect(Object.keys(configSchema.shape).filter((name) => !rows.join().includes(`\`${name}\``))).toEqual([]);
});

const accountOf = (host: string, more: object = {}) =>
  configSchema.parse({ host, from: { address: 'a@example.com' }, ...more });

it.each([
  ['smtp.office365.com', {}, { maxInFlight: 1, ratePerSecond: 0.5 }],
  [
    'Outlook.Office365.com',
    { recipients: { 'Chat.Ended': ['a@b.c', 'd@e.f'] } },
    { maxInFlight: 1, ratePerSecond: 0.25 },
  ],
  [
    'smtp.office365.com',
    { recipientsByDepartment: { 3: ['a@b.c', 'd@e.f'] }, transcriptToVisitor: true },
    { maxInFlight: 1, ratePerSecond: 0.166 },
  ],
  ['smtp.gmail.com', {}, { maxInFlight: 5 }],
  ['notoffice365.com', {}, {}],
  ['smtp.example.com', {}, {}],
])('knows what %s takes from an account, with two workers', (host, more, limits) => {
  expect(limitsFor(accountOf(host, more))).toEqual(limits);
});

it.each([
  ['smtp.office365.com', { username: 'u' }, true],
  ['outlook.office365.com', { username: 'u' }, true],
  ['smtp.office365.com', {}, false],
  ['smtp.office365.com', { username: 'u', authorization: 'clientCredentials', clientId: 'c', tenant: 't' }, false],
  ['smtp.gmail.com', { username: 'u' }, false],
])('says that passwords end at %s, for %j: %s', (host, more, isSaid) => {
  const account = { config: accountOf(host, more), secrets: {} };
  const said = describeEnd(account);
  expect(endOfCredentials(account)).toEqual(isSaid ? new Date('2026-12-31T00:00:00Z') : null);
  if (isSaid)
    expect(said).toMatch(/end of December 2026.*second half of 2027.*clientCredentials.*docs\/smtp-providers\.md/);
  else expect(said).toBeUndefined();
});
