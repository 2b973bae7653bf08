import { exampleEvent, sendRequest } from '../../../tests/send-request';
import { fileNames, files, message, openZendeskAccount } from '../../../tests/zendesk-account';
import type { Receipt } from '../../consumer';
import type { Fault } from '../../http/fake';
import { fakeUsers } from './fake';
import { MAX_COMMENT_BYTES } from './ticket-text';

const MINUTE = 60_000;
let zendesk: Awaited<ReturnType<typeof openZendeskAccount>>;
beforeEach(async () => void (zendesk = await openZendeskAccount()));
afterEach(() => zendesk.close());

const trying = (...given: Parameters<typeof zendesk.trying>) => zendesk.trying(...given);

it('is looked for where the event is hours old, as a database that was restored from a backup knows of no attempt', async () => {
  const { account } = zendesk;
  const forgotten = () => sendRequest(message, { account, deliveryId: '0b0f6a0e-7f0d-4a55-8f5e-2f6f4d0e6a11' });
  await zendesk.consumer.send(forgotten());
  zendesk.given.now += 180 * MINUTE;
  expect(await zendesk.consumer.send(forgotten())).toMatchObject({ found: true });
  expect(zendesk.created()).toHaveLength(1);
});

describe('files', () => {
  it('are uploaded as they are, by what their names say, and come with the comment', async () => {
    await trying()();
    expect(zendesk.uploads.map(({ bytes }) => bytes)).toEqual(files.map(({ content }) => content));
    expect(zendesk.attached().map(({ file_name: name, content_type: type }) => [name, type])).toEqual([
      [fileNames[0], 'application/pdf'],
      [fileNames[1], 'application/octet-stream'],
    ]);
    expect(zendesk.tickets[0]?.comments).toHaveLength(1);
  });

  it('are uploaded once, although the ticket is tried again', async () => {
    zendesk.given.faults = [
      ['POST /tickets', { status: 500 }],
      ['POST /tickets', 'reset after'],
    ];
    const attempt = trying();
    await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
    await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
    await attempt();
    expect(zendesk.uploads).toHaveLength(2);
    expect(zendesk.attached()).toHaveLength(2);
  });

  it('that are uploaded are not uploaded again when a later one fails', async () => {
    const attempt = trying();
    zendesk.given.faults = [
      ['POST /uploads', { slowMs: 0 }],
      ['POST /uploads', { status: 503 }],
    ];
    await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
    await attempt();
    expect(zendesk.uploads).toHaveLength(2);
  });

  describe('whose upload has expired', () => {
    /** A delivery whose first try has uploaded the files, an hour and more ago. */
    async function expired(config: object = {}): Promise<() => Promise<Receipt>> {
      zendesk.given.faults = [['POST /tickets', { status: 500 }]];
      const attempt = trying(message, config);
      await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
      zendesk.given.now += 61 * MINUTE;
      return attempt;
    }

    it('come in an internal note, after a ticket without files', async () => {
      const attempt = await expired({ commentPublic: { 'OfflineMessage.Submit': true } });
      await attempt();
      expect(zendesk.tickets).toHaveLength(1);
      expect(
        zendesk.tickets[0]?.comments.map(({ public: isPublic, attachments }) => [isPublic, attachments.length]),
      ).toEqual([
        [true, 0],
        [false, 2],
      ]);
      expect(zendesk.attached().map(({ file_name: name }) => name)).toEqual(fileNames);
    });

    it.each<[string, [string, Fault][]]>([
      [
        'the ticket without files',
        [
          ['POST /tickets', { slowMs: 0 }],
          ['POST /tickets', 'reset after'],
        ],
      ],
      ['their upload', [['POST /uploads', 'reset after']]],
      ['the note', [['PUT /tickets', 'reset after']]],
    ])('come once, although the answer to %s is lost', async (_, lost) => {
      const attempt = await expired();
      zendesk.given.faults = lost.map(([start, fault]) => [start, fault]);
      await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable' });
      await attempt();
      await attempt();
      expect(zendesk.tickets).toHaveLength(1);
      expect(zendesk.tickets[0]?.comments).toHaveLength(2);
      expect(zendesk.attached().map(({ file_name: name }) => name)).toEqual(fileNames);
    });
  });

  it('without a byte are left out', async () => {
    await trying(message, {}, [{ position: 0, name: 'empty.txt', content: Buffer.alloc(0) }])();
    expect(zendesk.uploads).toHaveLength(0);
    expect(zendesk.tickets).toHaveLength(1);
  });

  it('that Zendesk has just taken are not blamed for a ticket that it refuses', async () => {
    zendesk.given.faults = [['POST /tickets', { status: 422 }]];
    await expect(trying()()).rejects.toMatchObject({ type: 'Rejected' });
    expect(zendesk.created()).toHaveLength(1);
  });
});

describe('a transcript that is too long', () => {
  const chatOf = (content: string) => exampleEvent('Chat.Ended', { Chat: { ChatId: 'c', SiteId: 10001, content } });

  it.each([0, 1, 2, 3])('is cut between characters, %d bytes on, and attached whole', async (shift) => {
    const transcript = 'x'.repeat(shift) + '😀'.repeat(40_000);
    await trying(chatOf(transcript), {}, [])();
    const body = zendesk.tickets[0]?.comments[0]?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_COMMENT_BYTES);
    expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_COMMENT_BYTES - 4);
    expect(body).not.toContain('\ufffd');
    expect(body).toMatch(/😀\n\n\[Cut here; the whole text is attached as chat-transcript.txt\]$/u);
    expect(zendesk.uploads[0]?.bytes.toString()).toContain(transcript);
    expect(zendesk.attached()).toMatchObject([
      { file_name: 'chat-transcript.txt', content_type: 'text/plain; charset=utf-8' },
    ]);
  });

  it('is not cut when it is just short enough', async () => {
    await trying(chatOf('y'.repeat(40_000)), {}, [])();
    expect(zendesk.tickets[0]?.comments[0]?.body).toContain('y'.repeat(40_000));
    expect(zendesk.uploads).toHaveLength(0);
  });
});

describe('an address that is none', () => {
  const hostile = "x' OR Email LIKE '%";

  it.each([hostile, 'nobody', 'ä@example.com', 'a'.repeat(12_000)])(
    "is left out, and the ticket is the connection's user's: %#",
    async (email) => {
      const message = exampleEvent('OfflineMessage.Submit', { VisitorEmail: email, VisitorName: 'Mallory' });
      expect(await trying(message)()).toMatchObject({ leftOut: ['requester'] });
      expect(zendesk.users).toHaveLength(Object.keys(fakeUsers).length);
      expect(zendesk.tickets).toMatchObject([{ requester_id: fakeUsers.integration.id }]);
    },
  );

  it.each(['ann@bücher.example ', '\u200eann@xn--bcher-kva.example'])('%j is one, in ASCII', async (email) => {
    const message = exampleEvent('OfflineMessage.Submit', { VisitorEmail: email });
    expect(await trying(message)()).not.toHaveProperty('leftOut');
    expect(zendesk.users.at(-1)).toMatchObject({ email: 'ann@xn--bcher-kva.example' });
  });

  it.each([hostile, '', 'a@example.com, b@example.com', 'nobody'])(
    '%j falls back to the configured user',
    async (email) => {
      const message = exampleEvent('OfflineMessage.Submit', { VisitorEmail: email });
      await trying(message, { fallbackRequesterId: fakeUsers.fallback.id })();
      expect(zendesk.tickets).toMatchObject([{ requester_id: fakeUsers.fallback.id }]);
    },
  );
});

describe('who writes', () => {
  it("is the connection's user, also when a visitor types the address of an agent", async () => {
    await trying(exampleEvent('OfflineMessage.Submit', { VisitorEmail: fakeUsers.agent.email }))();
    const [ticket] = zendesk.tickets;
    expect(ticket?.requester_id).toBe(fakeUsers.agent.id);
    expect(ticket?.comments[0]?.author_id).toBe(fakeUsers.integration.id);
  });

  it.each([
    ['new', 'ann@example.com', 'Ann Example'],
    ['without a name', 'bea@example.com', ''],
  ])('does not matter to a visitor who is %s: one user, however many tickets', async (_, VisitorEmail, VisitorName) => {
    const event = exampleEvent('OfflineMessage.Submit', { VisitorEmail, VisitorName });
    await trying(event)();
    await trying(event)();
    const user = zendesk.users.find(({ email }) => email === VisitorEmail);
    expect(user?.name).toBe(VisitorName || 'bea');
    expect(zendesk.tickets.map(({ requester_id: id }) => id)).toEqual([user?.id, user?.id]);
  });

  it('is asked again when an operator has mended the connection, and else once', async () => {
    const request = () => ({ ...sendRequest(message, { account: zendesk.account }), connectionId: zendesk.origin });
    const asked = () => zendesk.arrivals.filter(({ path }) => path.endsWith('/users/me.json'));
    await zendesk.consumer.send(request());
    await zendesk.consumer.send(request());
    expect(asked()).toHaveLength(1);
    await zendesk.consumer.send({ ...request(), connectionEdition: 2 });
    expect(asked()).toHaveLength(2);
  });

  it('asks for it, where no other user can be named', async () => {
    await trying(exampleEvent('OfflineMessage.Submit', { VisitorEmail: null }))();
    expect(zendesk.tickets).toMatchObject([{ requester_id: fakeUsers.integration.id }]);
  });
});
