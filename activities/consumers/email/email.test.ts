import { simpleParser, type ParsedMail } from 'mailparser';
import { randomBytes } from 'node:crypto';
import type { Attachment } from '../../../events/attachment';
import type { SendRequest } from '../../consumer';
import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { createEmail } from './email';
import { startSmtpServer, type FakeSmtpServer, type Fault, type SmtpServerOptions } from './fake';

const allowedAddresses = ['127.0.0.1'];

const user = { name: 'mailer', password: 'correct horse' };
const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(options: SmtpServerOptions = {}) {
  const server = await startSmtpServer({ user, ...options });
  closing.push(server.close);
  return { server, email: consumer(server) };
}

function consumer(server: FakeSmtpServer) {
  const email = createEmail({ allowedAddresses, ca: server.ca });
  closing.push(email.close);
  return email;
}

const accountAt = ({ host, port }: FakeSmtpServer, config: object = {}) => ({
  config: {
    host,
    port,
    username: user.name,
    from: { name: 'Example Support', address: 'support@example.com' },
    recipients: { 'Chat.Ended': ['a@example.com', 'b@example.com'], 'OfflineMessage.Submit': ['a@example.com'] },
    ...config,
  },
  secrets: { password: user.password },
});

const chatRequest = (server: FakeSmtpServer, config: object = {}): SendRequest =>
  sendRequest(exampleEvent('Chat.Ended'), { account: accountAt(server, config), deliveryId: 'delivery-1' });

const offlineRequest = (server: FakeSmtpServer, config: object = {}, attachments: Attachment[] = []): SendRequest =>
  sendRequest(exampleEvent('OfflineMessage.Submit'), { account: accountAt(server, config), attachments });

const parse = ({ arrivals }: FakeSmtpServer): Promise<ParsedMail[]> =>
  Promise.all(arrivals.map(({ raw }) => simpleParser(raw)));

const recipientsOf = ({ arrivals }: FakeSmtpServer): string[] => arrivals.map(({ to }) => to.join());

it('mails each recipient a message of their own, over TLS and signed in', async () => {
  const { server, email } = await start();
  const receipt = await email.send(chatRequest(server));
  expect(server.arrivals).toMatchObject([
    { from: 'support@example.com', to: ['a@example.com'], tls: true, user: 'mailer' },
    { from: 'support@example.com', to: ['b@example.com'], tls: true, user: 'mailer' },
  ]);
  const [mail, other] = await parse(server);
  expect(mail).toMatchObject({
    subject: 'Chat with Ann Example',
    from: { text: '"Example Support" <support@example.com>' },
    to: { text: 'a@example.com' },
    replyTo: { text: 'ann@example.com' },
    date: new Date('2026-11-20T10:00:00Z'),
    text: expect.stringContaining('Ann: Where is my invoice?\nBot: Do you mean the last one?'),
    html: expect.stringContaining('Ann: Where is my invoice?'),
  });
  expect(mail?.headers.get('auto-submitted')).toBe('auto-generated');
  expect(receipt).toEqual({ accepted: 2, messageIds: [mail?.messageId, other?.messageId] });
  // sha256 of a@example.com
  expect(mail?.messageId).toBe('<delivery-1.08168cd80dfd534a@example.com>');
});

it('sends the same bytes on every try, and from every worker', async () => {
  const { server, email } = await start();
  const files = [{ position: 0, name: 'note.txt', content: Buffer.from('Hello, world!') }];
  const request = offlineRequest(server, {}, files);
  const again = { ...request, progress: {} };
  await email.send(request);
  await consumer(server).send(again);
  expect(server.arrivals[1]?.raw.equals(server.arrivals[0]?.raw ?? Buffer.alloc(0))).toBe(true);
});

it('brings a file of 5 MB byte for byte', async () => {
  const { server, email } = await start();
  const content = randomBytes(5 * 1024 * 1024);
  await email.send(offlineRequest(server, {}, [{ position: 0, name: 'photo.png', content }]));
  const [mail] = await parse(server);
  const [file] = mail?.attachments ?? [];
  expect(file?.filename).toBe('photo.png');
  expect(server.arrivals[0]?.raw.toString('latin1')).toContain(
    'Content-Type: application/octet-stream; name=photo.png',
  );
  expect(file?.content.equals(content)).toBe(true);
  expect(mail?.subject).toBe('Offline message: Invoice missing');
  expect(mail?.text).toContain('Please send me a copy of my last invoice.');
});

it('mails no recipient twice when it is tried again after a crash between two', async () => {
  const { server, email } = await start();
  const request = chatRequest(server);
  const saved: Record<string, unknown>[] = [];
  let crash: Error | undefined = new Error('The worker is gone.');
  const saveProgress = async (done: Readonly<Record<string, unknown>>): Promise<void> => {
    saved.push(done);
    await request.saveProgress(done);
    if (crash !== undefined) throw crash;
  };
  await expect(email.send({ ...request, saveProgress })).rejects.toBe(crash);
  crash = undefined;
  const receipt = await consumer(server).send({ ...request, saveProgress, tries: 1 });
  expect(recipientsOf(server)).toEqual(['a@example.com', 'b@example.com']);
  expect(receipt).toMatchObject({ accepted: 2 });
  expect(saved).toEqual([{ 'accepted.08168cd80dfd534a': 250 }, { 'accepted.e8f39b3e1382367d': 250 }]);
});

it('tries the others when one is not taken now, and then only that one', async () => {
  const { server, email } = await start();
  const request = chatRequest(server);
  server.faults.recipient = (address) => (address === 'a@example.com' ? '450 4.2.1' : undefined);
  const failure = { type: 'Unavailable', details: { responseCode: 450, enhancedStatus: '4.2.1' } };
  await expect(email.send(request)).rejects.toMatchObject(failure);
  expect(recipientsOf(server)).toEqual(['b@example.com']);
  delete server.faults.recipient;
  await expect(email.send({ ...request, tries: 1 })).resolves.toMatchObject({ accepted: 2 });
  expect(recipientsOf(server)).toEqual(['b@example.com', 'a@example.com']);
});

it('is rejected once only refusals for good remain, and asks again for them after a redrive only', async () => {
  const { server, email } = await start();
  const request = chatRequest(server);
  const asked: string[] = [];
  const answers: Record<string, Fault> = { 'a@example.com': '550 5.1.1', 'b@example.com': '451 4.3.0' };
  server.faults.recipient = (address) => {
    asked.push(address);
    return answers[address];
  };
  await expect(email.send(request)).rejects.toMatchObject({ type: 'Unavailable', details: { responseCode: 451 } });
  delete answers['b@example.com'];
  const refused = [{ recipient: '08168cd80dfd534a', code: 550 }];
  await expect(email.send({ ...request, tries: 1 })).rejects.toMatchObject({
    type: 'Rejected',
    details: { accepted: 1, refused },
  });
  expect(asked).toEqual(['a@example.com', 'b@example.com', 'b@example.com']);
  delete answers['a@example.com'];
  await expect(email.send({ ...request, tries: 0 })).resolves.toMatchObject({ accepted: 2 });
  expect(recipientsOf(server)).toEqual(['b@example.com', 'a@example.com']);
});

it('delivers nothing where no recipient is configured', async () => {
  const { server, email } = await start();
  await expect(email.send(chatRequest(server, { recipients: {} }))).resolves.toEqual({ skipped: 'no recipient' });
  const rating = sendRequest(exampleEvent('Visitor.Rating'), { account: accountAt(server) });
  await expect(email.send(rating)).rejects.toMatchObject({ type: 'InvalidConfig' });
  expect(server.connections()).toBe(0);
});

it("takes a department's list instead, and counts an address once", async () => {
  const { server, email } = await start();
  const recipientsByDepartment = { 3: ['billing@example.com', 'Billing@Example.com'], constructor: [] };
  await email.send(chatRequest(server, { recipientsByDepartment }));
  await email.send(offlineRequest(server, { recipientsByDepartment }));
  await email.send(offlineRequest(server, { recipientsByDepartment: { 4: ['x@example.com'] } }));
  expect(recipientsOf(server)).toEqual(['billing@example.com', 'billing@example.com', 'a@example.com']);
});

it('sends the visitor the conversation, without the parts for agents', async () => {
  const { server, email } = await start();
  const Attachments = [
    { Uid: '1', Url: 'https://files.example.com/invoice.pdf', IsNoteFile: false },
    { Uid: '2', Url: 'https://files.example.com/secret-note.pdf', IsNoteFile: true },
  ];
  const chat = { ...exampleChat(), Attachments };
  const config = { recipients: { 'Chat.Ended': ['a@example.com'] }, transcriptToVisitor: true };
  const account = accountAt(server, config);
  await email.send(sendRequest(exampleEvent('Chat.Ended', { Chat: chat }), { account }));
  expect(recipientsOf(server)).toEqual(['a@example.com', 'ann@example.com']);
  const [staff, visitor] = await parse(server);
  expect(staff?.text).toContain('secret-note.pdf');
  expect(staff?.text).toContain('Asked for a copy of the invoice.');
  expect(visitor).toMatchObject({ subject: 'Transcript of your chat', text: expect.stringContaining('invoice.pdf') });
  expect(visitor?.replyTo).toBeUndefined();
  for (const hidden of ['secret-note', 'Asked for a copy', 'A-1001', '99.90', '9001']) {
    expect(`${visitor?.text}${String(visitor?.html)}`).not.toContain(hidden);
  }
});

const exampleChat = () => ({
  ChatId: 'chat-1',
  SiteId: 10001,
  PreChatEmail: 'ann@example.com',
  AgentComment: 'Asked for a copy of the invoice.',
  TicketId: '9001',
  CustomFields: [{ Id: 1, Name: 'Order number', Value: 'A-1001' }],
  CustomVariable: [{ Id: 2, Name: 'Cart', value: '99.90' }],
});

it.each([
  'ann@example.com, evil@example.net',
  'Ann <ann@example.com>',
  'ann@example.com\r\nBcc: evil@example.net',
  'ann',
])('takes %j for no address of a visitor', async (PreChatEmail) => {
  const { server, email } = await start();
  const Visitor = { LastEmail: 'known@example.org' };
  const event = exampleEvent('Chat.Ended', { Chat: { ...exampleChat(), PreChatEmail }, Visitor });
  const account = accountAt(server, { transcriptToVisitor: true });
  await email.send(sendRequest(event, { account }));
  expect(recipientsOf(server)).toEqual(['a@example.com', 'b@example.com']);
  const [mail] = await parse(server);
  expect(mail?.replyTo?.value).toEqual([{ address: 'known@example.org', name: '' }]); // the one last known
});

it('uses a connection again, and another one once the account has changed', async () => {
  const { server, email } = await start();
  const request = chatRequest(server);
  await email.send(request);
  await email.send({ ...request, progress: {} });
  const from = { name: 'Changed', address: 'support@example.com' };
  await email.send({ ...request, progress: {}, account: accountAt(server, { from }) });
  expect(server.arrivals.map(({ connection }) => connection)).toEqual([1, 1, 1, 1, 2, 2]);
});

it.each([
  [{ content: null }, []],
  [{ content: ' \n' }, []],
  [{ Messages: [{ SenderName: 'Ann', Content: ' ' }] }, []],
  [{ AgentComment: 'Called back.' }, ['a@example.com']],
  [{ Attachments: [{ Uid: '1', Url: 'https://files.example.com/note.pdf', IsNoteFile: true }] }, ['a@example.com']],
  [{ Attachments: [{ Uid: '1', Url: 'https://files.example.com/a.pdf' }] }, ['a@example.com', 'ann@example.com']],
  [{ content: 'Ann: Hello' }, ['a@example.com', 'ann@example.com']],
])('mails nobody a transcript in which nothing was written: %j', async (chat, mailed) => {
  const { server, email } = await start();
  const config = { recipients: { 'Chat.Ended': ['a@example.com'] }, transcriptToVisitor: true };
  const Chat = { ChatId: 'chat-1', SiteId: 10001, PreChatEmail: 'ann@example.com', ...chat };
  const event = exampleEvent('Chat.Ended', { Chat });
  const receipt = await email.send(sendRequest(event, { account: accountAt(server, config) }));
  expect(recipientsOf(server)).toEqual(mailed);
  expect(receipt).toMatchObject(mailed.length === 0 ? { skipped: 'nothing was written' } : { accepted: mailed.length });
});
