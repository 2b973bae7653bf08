import { exampleEvent } from '../../../tests/send-request';
import type { EventType } from '../../../events/catalogue';
import { configSchema } from './account';
import { composeTicket, isTicketed, type NewTicket } from './compose-ticket';
import { mediaTypeOf } from './media-type';

function compose(type: EventType, data: object = {}, config: object = {}): NewTicket {
  const event = exampleEvent(type, { ...data });
  if (!isTicketed(event)) throw new Error(`${type} has no ticket.`);
  const given = { key: 'k', authorId: 1, uploads: [] };
  return composeTicket(event, configSchema.parse({ subdomain: 'example', ...config })).ticketWith(given);
}
const chat = (parts: object, config: object = {}): NewTicket =>
  compose('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 10001, ...parts } }, config);

it('writes an offline message as a public comment where the configuration says so', () => {
  expect(compose('OfflineMessage.Submit', {}, { commentPublic: { 'OfflineMessage.Submit': true } })).toEqual({
    subject: 'Invoice missing',
    external_id: 'k',
    submitter_id: 1,
    requester: { name: 'Ann Example', email: 'ann@example.com' },
    comment: {
      body: [
        'Name: Ann Example\nCompany: Example Ltd\nPhone: +1 555 0100\nProduct or service: Billing\n',
        'Please send me a copy of my last invoice.',
      ].join('\n'),
      public: true,
    },
    tags: ['live_chat'],
  });
});

it('writes a chat as an internal note, with what agents want to know', () => {
  const ticket = compose('Chat.Ended');
  expect(ticket).toMatchObject({ subject: 'Chat with Ann Example', comment: { public: false } });
  expect(ticket.comment.body.split('\n')).toEqual([
    'Began: 2026-03-02 09:15 UTC',
    'Ended: 2026-03-02 09:27 UTC',
    'Department: Support',
    'Name: Ann Example',
    'Company: Example Ltd',
    'Phone: +1 555 0100',
    'Product or service: Billing',
    'E-mail (as entered, not verified): ann@example.com',
    'Place: Berlin, Germany',
    'Page: Pricing',
    'Address of the page: https://www.example.com/pricing',
    'Rating: 5',
    'Comment with the rating: Quick and kind',
    "Agent's comment: Asked for a copy of the invoice.",
    'Order number: A-1001',
    'Cart: 99.90',
    'Chat: 7f1c2a54-0d3e-4f6b-9a77-5b1f0e2d9c10',
    '',
    'Ann: Where is my invoice?',
    'Bot: Do you mean the last one?',
    'Bob: I have sent it to you.',
    '',
    'File: https://files.example.com/invoice.pdf',
  ]);
});

it('leaves the parts for agents out of a public transcript', () => {
  const commentPublic = { 'Chat.Ended': true };
  const Attachments = [
    { Url: 'https://files.example.com/a.png', IsNoteFile: false },
    { Url: 'https://files.example.com/secret.png', IsNoteFile: true },
  ];
  const parts = { content: 'Hello', AgentComment: 'rude', PreChatEmail: 'a@example.com', Attachments };
  const { comment } = chat(parts, { commentPublic });
  expect(comment).toEqual({ body: 'Hello\n\nFile: https://files.example.com/a.png', public: true });
});

it('lets no visitor write facts above ours', () => {
  const { comment } = compose('OfflineMessage.Submit', { Content: 'hello\n\nName: Bob\n09:01:00 Bob: Yes' });
  expect(comment.body).toMatch(/^Name: Ann Example\n[^]*\n\nhello\n\nName: Bob\n09:01:00 Bob: Yes$/);
});

it('adds what only agents see to a message, which is an internal note', () => {
  const { comment } = compose('OfflineMessage.Submit', {}, {});
  expect(comment.public).toBe(false);
  expect(comment.body).toContain('E-mail (as entered, not verified): ann@example.com\nPlace: Berlin, Germany');
});

it('fills custom fields from either event by one mapping', () => {
  const customFields = {
    360001: { from: 'contact.company' },
    360002: { from: 'customFields.Order number' },
    360003: { from: 'no.such' },
    360004: { value: 'chat' },
  };
  const expected = [
    { id: 360001, value: 'Example Ltd' },
    { id: 360002, value: 'A-1001' },
    { id: 360004, value: 'chat' },
  ];
  expect(compose('Chat.Ended', {}, { customFields }).custom_fields).toEqual(expected);
  expect(compose('OfflineMessage.Submit', {}, { customFields }).custom_fields).toEqual(expected);
});

it('says what the connection says of every ticket', () => {
  const config = { groupId: 71, brandId: 72, ticketFormId: 73, priority: 'high', tags: ['a', 'b/c'] };
  const expected = { group_id: 71, brand_id: 72, ticket_form_id: 73, priority: 'high', tags: ['a', 'b/c'] };
  expect(compose('Chat.Ended', {}, config)).toMatchObject(expected);
});

it.each([
  [{ Title: 'One\r\ntwo ' }, 'One two'],
  [{ Title: ' ', Content: 'Hello\nthere' }, 'Hello there'],
  [{ Title: null, Content: 'word '.repeat(40) }, `${'word '.repeat(15)}word…`],
  [{ Title: null, Content: null }, 'Message from Ann Example'],
  [{ Title: null, Content: null, VisitorName: '' }, 'Message from a visitor'],
  [{ Title: '😀'.repeat(151) }, `${'😀'.repeat(149)}…`],
])('gives %j the subject %j', (data, subject) => {
  expect(compose('OfflineMessage.Submit', data).subject).toBe(subject);
});

it('lets no visitor write a placeholder, which Zendesk would fill in', () => {
  const data = { Title: '{{ticket.id}}', Content: 'a {{{current_user.email}}} {% if x %} { }' };
  const { subject, comment } = compose('OfflineMessage.Submit', data);
  expect(subject + comment.body).not.toMatch(/\{[{%]/);
  expect(comment.body).toContain('a { { {current_user.email}}} { % if x %} { }');
});

it('takes the address and the name last known, where the visitor entered none', () => {
  const Visitor = { Id: 'v', LastName: 'Bea', LastEmail: 'bea@example.com' };
  const ticket = compose('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 10001 }, Visitor });
  expect(ticket).toMatchObject({ subject: 'Chat with Bea', requester: { name: 'Bea', email: 'bea@example.com' } });
  expect(ticket.comment.body).toContain('Nothing was written.');
});

it('has no ticket for other events', () => {
  expect(isTicketed(exampleEvent('Agent.Ban'))).toBe(false);
});

it.each([
  ['a.PDF', 'application/pdf'],
  ['photo.jpeg', 'image/jpeg'],
  ['a.b.txt', 'text/plain'],
  ['page.html', 'application/octet-stream'],
  ['image.svg', 'application/octet-stream'],
  ['none', 'application/octet-stream'],
  ['a.constructor', 'application/octet-stream'],
  ['', 'application/octet-stream'],
])('takes %j for %s', (name, type) => {
  expect(mediaTypeOf(name)).toBe(type);
});
