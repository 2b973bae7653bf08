import { simpleParser } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { exampleEvent } from '../../../tests/send-request';
import { composeContent, composeMail } from './compose-mail';
import { isMailed, type MailedEvent } from './find-recipients';

const recipient = { address: 'a@example.com', hash: '08168cd80dfd534a', isVisitor: false };
const from = { name: 'Support', address: 'support@example.com' };

function event(type: 'Chat.Ended' | 'OfflineMessage.Submit', data: Readonly<Record<string, unknown>>): MailedEvent {
  const example = exampleEvent(
    type,
    type === 'Chat.Ended' ? { Chat: { ChatId: 'chat-1', SiteId: 10001, ...data } } : data,
  );
  if (!isMailed(example)) throw new Error('There is no mail for it.');
  return example;
}

const content = (of: MailedEvent, files: Parameters<typeof composeContent>[1] = []) => composeContent(of, files, false);

/** The message as it goes over the wire. */
const raw = (of: MailedEvent, files: Parameters<typeof composeContent>[1] = [], sender = from): Promise<Buffer> =>
  new MailComposer(composeMail(of, 'delivery-1', sender, recipient, content(of, files))).compile().build();

const headersOf = (message: Buffer): string => message.toString('latin1').split('\r\n\r\n', 1)[0] ?? '';

const hostile = [
  '<script>alert(1)</script>',
  '</pre></body><img src=x onerror=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '&lt;b&gt; "quoted" \'single\'',
].join('\n');

it.each([
  ['the transcript', { content: hostile }],
  ['messages', { Messages: [{ SenderName: hostile, Content: hostile }] }],
  ['what the visitor entered', { PreChatName: hostile, PreChatCompany: hostile, RatingComment: hostile }],
  ['fields and links', { CustomVariable: [{ Id: 1, Name: hostile, value: hostile, url: hostile }] }],
  ['files', { Attachments: [{ Uid: '1', Name: hostile, Url: `javascript:${hostile}` }] }],
])('shows %s as text, whatever stands in it', (_, data) => {
  const { html, text } = content(event('Chat.Ended', data));
  expect(html).not.toMatch(/<script|<img|<a href="(?!https?:|mailto:)/i);
  expect(html.match(/<pre|<\/pre|<body|<\/body/g)).toEqual(['<body', '<pre', '</pre', '</body']);
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(text).toContain('<script>alert(1)</script>');
});

it('keeps the lines of the conversation in the plain text', () => {
  expect(content(event('Chat.Ended', { content: hostile })).text).toContain(hostile);
});

it.each([
  'javascript:alert(1)',
  ' java\tscript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  '//example.com',
  'x',
])('makes no link of %j', (url) => {
  const files = { Attachments: [{ Uid: '1', Url: url }], RequestPageUrl: url };
  expect(content(event('Chat.Ended', files)).html).not.toContain('href');
  expect(content(event('OfflineMessage.Submit', { RequestPageUrl: url, CustomVariables: [] })).html).not.toContain(
    'href',
  );
});

it.each(['https://www.example.com/a?b=c&d="', 'http://example.com/', 'mailto:ann@example.com'])(
  'makes a link of %j that shows where it leads',
  (url) => {
    const { html } = content(event('Chat.Ended', { RequestPageUrl: url }));
    expect(html).toMatch(/<a href="([^"]*)">\1<\/a>/);
  },
);

it('takes out characters that are not shown or that turn the text around', () => {
  const name = 'Ann\u202egnp.exe\u202c\u2066\u0007\u001b[31m\u0085\u200f';
  const data = { VisitorName: name, Title: name, Content: `one\r\ntwo\rthree\ttab ${name}` };
  const { subject, html, text } = content(event('OfflineMessage.Submit', data));
  expect(subject).toBe('Offline message: Anngnp.exe[31m\u200f');
  expect(`${subject}${html}${text}`).not.toMatch(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u);
  expect(text).toContain('one\ntwo\nthree\ttab Anngnp.exe');
});

it('lets no name and no subject become a header', async () => {
  const injected = 'Ann\r\nBcc: evil@example.net\r\n\r\n<script>';
  const message = await raw(
    event('OfflineMessage.Submit', {
      Title: injected,
      VisitorName: injected,
      VisitorEmail: 'a@x.com, evil@example.net',
    }),
    [{ position: 0, name: '../../etc/pass\r\nBcc: evil@example.net.exe', content: Buffer.from('x') }],
    { ...from, name: injected },
  );
  const mail = await simpleParser(message);
  expect(headersOf(message)).not.toMatch(/^(bcc|reply-to):/im);
  expect(mail.subject).toBe('Offline message: Ann Bcc: evil@example.net <script>');
  expect(mail.from?.value).toEqual([{ address: 'support@example.com', name: 'Ann Bcc: evil@example.net <script>' }]);
  expect(mail.attachments.map(({ filename }) => filename)).toEqual(['.._.._etc_pass Bcc: evil@example.net.exe']);
});

it.each([
  ['a', 199],
  ['\u{1f642}', 199],
])('cuts a subject of many %j at 200 characters', (character) => {
  const { subject } = content(event('OfflineMessage.Submit', { Title: character.repeat(5_000) }));
  expect(Array.from(subject)).toHaveLength(200);
  expect(subject).toMatch(/^Offline message: .*…$/u);
  expect(Buffer.from(subject).toString()).toBe(subject);
});

it('opens no file and no address that an event names', async () => {
  const Attachments = [{ Uid: '1', FilePath: '/etc/passwd', Url: 'http://127.0.0.1:9/x', Name: 'x' }];
  const message = await raw(event('Chat.Ended', { Attachments }));
  expect((await simpleParser(message)).attachments).toEqual([]);
  expect(message.toString()).not.toContain('root:');
  const of = event('Chat.Ended', {});
  const mail = {
    ...composeMail(of, 'delivery-1', from, recipient, content(of)),
    attachments: [{ path: '/etc/passwd' }],
  };
  await expect(new MailComposer(mail).compile().build()).rejects.toMatchObject({ code: 'EFILEACCESS' });
});

it('loads nothing from elsewhere', () => {
  for (const type of ['Chat.Ended', 'OfflineMessage.Submit'] as const) {
    expect(content(event(type, {})).html).not.toMatch(/<img|<link|<style|url\(|src=|@import/i);
  }
});

it('brings 100,000 lines and more than a megabyte whole, and soon', async () => {
  const lines = Array.from({ length: 100_000 }, (_, at) => `Ann: line ${at} <&>`);
  const began = process.cpuUsage();
  const message = await raw(event('Chat.Ended', { content: lines.join('\n') }));
  expect(process.cpuUsage(began).user).toBeLessThan(10_000_000); // microseconds; some hundred thousand
  const { text = '' } = await simpleParser(message, { skipHtmlToText: true, maxHtmlLengthToParse: 1 });
  expect(text.split('\n').filter((line) => line.startsWith('Ann: line '))).toEqual(lines);
});

it('cuts beyond two million characters and says so, never within a character', () => {
  const { html, text } = content(event('Chat.Ended', { content: `x${'\u{1f642}'.repeat(1_500_000)}` }));
  expect(text).toContain('The text goes on: 1000001 more characters are not in this mail.');
  expect(Buffer.from(html).toString()).toBe(html);
});

it('shows the mails of one chat together', async () => {
  const ids = await Promise.all([
    raw(event('Chat.Ended', { ChatId: 'chat-1' })),
    raw(event('OfflineMessage.Submit', { SourceChatId: 'chat-1' })),
    raw(event('OfflineMessage.Submit', { SourceChatId: 'chat-2' })),
  ]).then((messages) => messages.map((message) => /^References: (.*)$/m.exec(headersOf(message))?.[1]));
  expect(ids[0]).toMatch(/^<[0-9a-f]{32}\.chat@example\.com>/);
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

it.each(['Chat.Ended', 'OfflineMessage.Submit'] as const)('asks for no automatic answer to %s', async (type) => {
  const message = await raw(event(type, { PreChatEmail: 'ann@example.com' }));
  const headers = headersOf(message);
  expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
  expect(headers).toMatch(/^X-Auto-Response-Suppress: All$/m);
  expect(headers).toMatch(/^Reply-To: ann@example.com$/m);
  expect(headers).toMatch(/^Precedence: bulk$/m);
});

it('names a domain in another script by its ASCII form', async () => {
  const message = await raw(event('OfflineMessage.Submit', { VisitorEmail: ' ann@b\u00fccher.example' }));
  expect(headersOf(message)).toMatch(/^Reply-To: ann@xn--bcher-kva\.example$/m);
});

it('leaves an address in another script out of the header, which not every server takes', async () => {
  const message = await raw(event('OfflineMessage.Submit', { VisitorEmail: 'b\u00e4r@example.com' }));
  expect(headersOf(message)).not.toMatch(/^Reply-To:/m);
  expect((await simpleParser(message)).text).toContain('b\u00e4r@example.com');
});

it.each([
  ['he', 'he'],
  ['zh_CN', 'zh-CN'],
  ['de-DE', 'de-DE'],
  ['German', undefined],
  ['x" onload="', undefined],
  ['', undefined],
])('shows each line in the direction of its script, and the language %j', (Language, lang) => {
  const { html } = content(event('OfflineMessage.Submit', { Language, Content: '\u05e9\u05dc\u05d5\u05dd' }));
  const [pre = ''] = /<pre[^>]*>/.exec(html) ?? [];
  expect(pre).toContain('dir="auto"');
  expect(pre).toContain('unicode-bidi:plaintext');
  expect(/ lang="([^"]*)"/.exec(pre)?.[1]).toBe(lang);
});
