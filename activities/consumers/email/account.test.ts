import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from './account';
import { isAddress } from './address';

it.each(['a@example.com', "o'neil+tag@mail.example.co.uk", 'first.last@xn--bcher-kva.example', 'a@1.example'])(
  'takes %j for an address',
  (text) => {
    expect(isAddress(text)).toBe(true);
  },
);

it.each([
  '',
  'a',
  'a@b',
  'a@x.com, evil@y.com',
  'a@x.com;evil@y.com',
  'a@x.com evil@y.com',
  'Ann <a@x.com>',
  '<a@x.com>',
  '"a b"@x.com',
  'a@[127.0.0.1]',
  'a@127.0.0.1',
  'a@x.com\n',
  'a@x.com\r\nBcc: evil@y.com',
  'a\0@x.com',
  'a@x..com',
  'a@-x.com',
  '.a@x.com',
  'a..b@x.com',
  'a(comment)@x.com',
  'ä@x.com',
  'a@bücher.example',
  'group:a@x.com;',
  `${'a'.repeat(65)}@x.com`,
  `a@${'x'.repeat(64)}.com`,
  `a@${'x.'.repeat(130)}com`,
])('takes %j for no address', (text) => {
  expect(isAddress(text)).toBe(false);
});

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
