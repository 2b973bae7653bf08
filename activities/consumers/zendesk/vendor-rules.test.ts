import { exampleEvent } from '../../../tests/send-request';
import { fileNames, message, openZendeskAccount } from '../../../tests/zendesk-account';
import type { Receipt } from '../../consumer';
import type { Fault } from '../../http/fake';
import { fakeUsers } from './fake';

const MINUTE = 60_000;
let zendesk: Awaited<ReturnType<typeof openZendeskAccount>>;
beforeEach(async () => void (zendesk = await openZendeskAccount()));
afterEach(() => zendesk.close());

const trying = (...given: Parameters<typeof zendesk.trying>) => zendesk.trying(...given);

describe('files', () => {
  describe.each<[string, Fault]>([
    [
      'a type that the account does not allow',
      {
        status: 422,
        body: '{"error":"AttachmentUnprocessable","description":"Attachment file could not be processed."}',
      },
    ],
    ['its size', { status: 413, headers: { 'content-type': 'text/html' }, body: '<h1>Too large</h1>' }],
    ['a permission', { status: 403, body: '{"error":{"title":"Forbidden","message":"no"}}' }],
  ])('of which Zendesk refuses one by %s', (_, refusal) => {
    const body = () => zendesk.tickets[0]?.comments[0]?.body ?? '';

    it('leave the ticket alone: it comes without that one, and names it', async () => {
      zendesk.given.faults = [['POST /uploads', refusal]];
      expect(await trying()()).toMatchObject({ filesRefused: 1 });
      expect(zendesk.attached().map(({ file_name: name }) => name)).toEqual([fileNames[1]]);
      expect(body()).toMatch(/\n\n\[Not attached, as Zendesk refuses it: Rechnung für Ann\.pdf\]$/);
    });

    it('are not uploaded again, and the ticket is the same byte for byte', async () => {
      zendesk.given.faults = [
        ['POST /uploads', refusal],
        ['POST /tickets', { status: 500 }],
        ['POST /tickets', { status: 500 }],
      ];
      const attempt = trying();
      for (let n = 0; n < 2; n += 1) await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
      await attempt();
      expect(new Set(zendesk.created().map(({ body: sent }) => sent)).size).toBe(1);
      expect(zendesk.uploads).toHaveLength(1);
      expect(zendesk.tickets).toHaveLength(1);
    });
  });

  it('that are refused as the user is no agent any more break the connection, and come once it is mended', async () => {
    await trying(message, {}, [])(); // from then on it is known who signs in
    const attempt = trying();
    zendesk.given.faults = [
      ['POST /uploads', { status: 403, body: '<h1>Forbidden</h1>' }],
      ['GET /users/me', { status: 200, body: '{"user":{"id":5,"role":"end-user"}}' }],
    ];
    await expect(attempt()).rejects.toMatchObject({ type: 'ConnectionBroken' });
    zendesk.given.faults = [];
    expect(await attempt()).not.toHaveProperty('filesRefused');
    expect(zendesk.attached().map(({ file_name: name }) => name)).toEqual(fileNames);
  });

  it('of which Zendesk refuses all come as their names only, within what a comment holds', async () => {
    const many = Array.from({ length: 7 }, (_, position) => ({
      position,
      name: `${'😀'.repeat(100)}{{ticket.id}}.exe`,
      content: Buffer.from('x'),
    }));
    zendesk.given.faults = many.map(() => ['POST /uploads', { status: 422 }]);
    const event = exampleEvent('OfflineMessage.Submit', { Content: 'x'.repeat(64_000) });
    expect(await trying(event, {}, many)()).toMatchObject({ filesRefused: 7 });
    const [comment] = zendesk.tickets[0]?.comments ?? [];
    expect(comment?.body).toContain(' and 2 more]');
    expect(comment?.body).not.toContain('{{');
    expect(zendesk.attached().map(({ file_name: name }) => name)).toEqual(['message.txt']);
  });

  it('that cannot be taken now delay the ticket', async () => {
    zendesk.given.faults = [['POST /uploads', { status: 503 }]];
    await expect(trying()()).rejects.toMatchObject({ type: 'Unavailable' });
    expect(zendesk.tickets).toHaveLength(0);
  });

  describe('whose upload has expired', () => {
    /** A delivery whose first try has uploaded the files, an hour and more ago. */
    async function expired(): Promise<() => Promise<Receipt>> {
      zendesk.given.faults = [['POST /tickets', { status: 500 }]];
      const attempt = trying();
      await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
      zendesk.given.now += 61 * MINUTE;
      return attempt;
    }

    it('come without the one that Zendesk refuses by now, which the note names', async () => {
      const attempt = await expired();
      zendesk.given.faults = [['POST /uploads', { status: 422 }]];
      expect(await attempt()).toMatchObject({ filesRefused: 1 });
      const [, note] = zendesk.tickets[0]?.comments ?? [];
      expect(note).toMatchObject({ public: false, attachments: [{ file_name: fileNames[1] }] });
      expect(note?.body).toContain('[Not attached, as Zendesk refuses it: Rechnung für Ann.pdf]');
    });
  });
});

describe('a message', () => {
  const isPublic = { commentPublic: { 'OfflineMessage.Submit': true } };

  it('is not mailed: Zendesk would send any text that is entered to any address that is entered', async () => {
    await trying(message, {}, [])();
    expect(zendesk.tickets).toHaveLength(1);
    expect(zendesk.users.at(-1)).toMatchObject({ email: 'ann@example.com', role: 'end-user' });
    expect(zendesk.mails).toEqual([]);
  });

  it('is mailed by a trigger where the configuration makes it public', async () => {
    await trying(message, isPublic, [])();
    const trigger = 'Notify requester of new proactive ticket';
    expect(zendesk.mails).toEqual([{ to: 'ann@example.com', trigger, text: zendesk.tickets[0]?.comments[0]?.body }]);
  });

  it('of a light agent is an internal note, also where the configuration says public', async () => {
    await zendesk.close();
    zendesk = await openZendeskAccount({ user: fakeUsers.lightAgent });
    await trying(message, isPublic, [])();
    expect(zendesk.tickets[0]?.comments).toMatchObject([{ public: false, author_id: fakeUsers.lightAgent.id }]);
  });
});

describe('a ticket that is archived', () => {
  // As old as it is at least, in a sandbox.
  const old = { ...message, receivedAt: new Date(Date.now() - 3 * 24 * 60 * MINUTE).toISOString() };

  it('is found after days, by the search: no list shows it', async () => {
    zendesk.given.faults = [['POST /tickets', 'reset after']];
    const attempt = trying(old, {}, []);
    await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
    for (const ticket of zendesk.tickets) ticket.isArchived = true;
    expect(await attempt()).toMatchObject({ found: true, ids: { ticket: String(zendesk.tickets[0]?.id) } });
    expect(zendesk.created()).toHaveLength(1);
  });

  it('of another delivery is not taken for it', async () => {
    await trying(old, {}, [])();
    for (const ticket of zendesk.tickets) ticket.isArchived = true;
    const body = JSON.stringify({ results: zendesk.tickets });
    zendesk.given.faults = [['GET /search', { status: 200, headers: { 'content-type': 'application/json' }, body }]];
    expect(await trying(old, {}, [])()).not.toHaveProperty('found');
    expect(zendesk.tickets).toHaveLength(2);
  });

  it('is not looked for where the event is young, and waits for a search that is unavailable', async () => {
    zendesk.given.faults = [['POST /tickets', { status: 500 }]];
    const young = trying({ ...message, receivedAt: new Date().toISOString() }, {}, []);
    await expect(young()).rejects.toMatchObject({ type: 'Unavailable' });
    await young();
    expect(zendesk.arrivals.map(({ path }) => path)).not.toContain('/api/v2/search.json');
    zendesk.given.faults = [
      ['GET /search', { status: 422, body: '{"error":"unavailable","description":"Try again in a moment."}' }],
    ];
    await expect(trying(old, {}, [])()).rejects.toMatchObject({ type: 'Unavailable' });
  });
});
