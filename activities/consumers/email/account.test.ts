import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from './account';

it('needs little: a server and a sender; TLS is the default', () => {
  const config = { host: 'smtp.example.com', from: { address: 'support@example.com' } };
  expect(configSchema.parse(config)).toEqual({
    ...config,
    security: 'starttls',
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
])('names the mistake in %j', (part, path) => {
  const config = { host: 'smtp.example.com', from: { address: 'support@example.com' }, ...part };
  const { error } = configSchema.safeParse(config);
  expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});

it('takes the configuration that the guide shows, and the guide tells every field', () => {
  const guide = readFileSync(join(__dirname, '../../../docs/smtp-accounts.md'), 'utf8');
  const [, shown = ''] = /```json\n([^]*?)```/.exec(guide) ?? [];
  expect(configSchema.safeParse(JSON.parse(shown)).error).toBeUndefined();
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  expect(Object.keys(configSchema.shape).filter((name) => !rows.join().includes(`\`${name}\``))).toEqual([]);
});
