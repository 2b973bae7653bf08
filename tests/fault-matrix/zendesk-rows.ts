import { fakeUsers, isTicketCreation, rateLimited, startZendesk } from '../../activities/consumers/zendesk/fake';
import { createZendesk } from '../../activities/consumers/zendesk/zendesk';
import type { MatrixAccount } from './open-matrix';
import type { FaultRow, MatrixKind, Scene } from './run-row';

export type Zendesk = Omit<Awaited<ReturnType<typeof startZendesk>>, 'account'> & { readonly account: MatrixAccount };

/** The same, signed in to by an OAuth client. */
const startOAuth = async (clock: () => number): Promise<Zendesk> => {
  const fake = await startZendesk({ clock });
  return { ...fake, account: fake.oauthAccount };
};

export const zendeskKind: MatrixKind<Zendesk> = {
  consumer: 'zendesk',
  create: () => createZendesk({ allowedAddresses: ['127.0.0.1'] }),
  start: (clock) => startZendesk({ clock }),
  records: ({ tickets, users }) => ({
    tickets: tickets.length,
    visitors: users.length - Object.keys(fakeUsers).length,
    // An upload that no ticket takes is none: Zendesk forgets it.
    files: tickets.flatMap(({ comments }) => comments.flatMap(({ attachments }) => attachments)).length,
  }),
  isCreation: isTicketCreation,
  nameOf: ({ method, path, query }) => {
    const name = path.replace(/^\/api\/v2\//, '').replace(/\.json$/, '');
    return `${method} ${name}${query.has('external_id') ? '?external_id' : ''}`;
  },
};

const HOUR = 3600_000;
const EDITED = "An agent's own words";
const edit = ({ fake }: Scene<Zendesk>): void => {
  for (const ticket of fake.tickets) Object.assign(ticket, { subject: EDITED });
};
const isOverwritten = ({ fake }: Scene<Zendesk>): boolean => fake.tickets.some(({ subject }) => subject !== EDITED);

/** Longest text of a comment in the fake, as in Zendesk. */
const MAX_BYTES = 65_536;
const transcript = `a${'😀'.repeat(40_000)}`;

const one = { tickets: 1, visitors: 1, files: 0 };
const unauthorized = { status: 401, body: '{"error":"Couldn\'t authenticate you"}' };
const nothing = { tickets: 0, visitors: 0, files: 0 };
const delivered = { delivered: 1 };
const parked = { parked: 1 };
const first = ['GET users/me', 'POST tickets'];
const look = 'GET tickets?external_id';

/** True when a request came sooner after a fault than it was told. */
const isEarly =
  (seconds: number) =>
  ({ requests }: Scene<Zendesk>): boolean =>
    requests.some(({ at }, i) => {
      const before = requests[i - 1];
      return before?.fault !== undefined && at - before.at < seconds * 1000;
    });

export const zendeskRows: readonly FaultRow<Zendesk>[] = [
  {
    kind: 'answer lost',
    fault: 'the socket drops when the ticket is there, before the answer',
    creations: ['reset after'],
    between: edit,
    expected: { states: delivered, failures: ['Unavailable'], records: one, requests: [...first, look] },
    never: { "the agent's edit is overwritten": isOverwritten },
  },
  {
    kind: 'answer lost',
    fault: 'the same, and the second attempt comes after two hours',
    creations: ['reset after'],
    between: (scene) => {
      edit(scene);
      scene.pass(2 * HOUR + 1);
    },
    expected: { states: delivered, failures: ['Unavailable'], records: one, requests: [...first, look] },
    never: { "the agent's edit is overwritten": isOverwritten },
  },
  {
    kind: 'no answer',
    fault: 'headers come, and then nothing',
    creations: ['stall after headers'],
    expected: { states: delivered, failures: ['Unavailable'], records: one, requests: [...first, look] },
  },
  {
    kind: 'no answer',
    fault: 'the body ends too early',
    creations: ['truncated'],
    expected: { states: delivered, failures: ['Unavailable'], records: one, requests: [...first, look] },
  },
  {
    kind: 'refused',
    fault: '302 to another host',
    meets: (name, { elsewhere }) =>
      name === 'POST tickets'
        ? { status: 302, headers: { location: `${elsewhere.origin}/api/v2/tickets.json` } }
        : undefined,
    expected: { states: parked, failures: ['InvalidConfig'], records: nothing, requests: first },
    never: { 'anything goes to the other host': ({ elsewhere }) => elsewhere.sockets() > 0 },
  },
  {
    kind: 'refused',
    fault: 'a file of a type that the account does not allow',
    message: {},
    meets: (name) =>
      name === 'POST uploads' ? { status: 422, body: '{"error":"AttachmentUnprocessable"}' } : undefined,
    expected: {
      states: delivered,
      failures: [],
      records: one,
      requests: ['GET users/me', 'POST uploads', 'POST tickets'],
    },
    never: {
      'the ticket does not name the file': ({ fake }) =>
        fake.tickets.some(({ comments: [comment] }) => !comment?.body.includes('[Not attached')),
    },
  },
  {
    kind: 'credentials',
    fault: 'the account has no active plan',
    meets: () => ({ status: 403, body: '{"error":"SupportProductInactive"}' }),
    expected: { states: parked, failures: ['ConnectionBroken'], records: nothing, requests: ['GET users/me'] },
  },
  {
    kind: 'later',
    fault: '429 with Retry-After',
    creations: [rateLimited(3)],
    expected: {
      states: delivered,
      failures: ['RateLimited'],
      records: one,
      requests: [...first, look, 'POST tickets'],
    },
    never: { 'it is tried again too early': isEarly(3) },
  },
  {
    kind: 'later',
    fault: '503 with Retry-After',
    creations: [{ status: 503, headers: { 'retry-after': '3' } }],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: one,
      requests: [...first, look, 'POST tickets'],
    },
    never: { 'it is tried again too early': isEarly(3) },
  },
  {
    kind: 'later',
    fault: '502 with HTML',
    creations: [{ status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }],
    expected: {
      states: delivered,
      failures: ['Unavailable'],
      records: one,
      requests: [...first, look, 'POST tickets'],
    },
  },
  {
    kind: 'credentials',
    fault: '401 in a burst of 20, until the operator mends the connection',
    events: 20,
    atOnce: 5,
    meets: (_, scene) => (scene.isMended ? undefined : unauthorized),
    isMended: true,
    expected: { states: { delivered: 20 }, records: { ...one, tickets: 20 } },
    never: {
      // What is sent while the first refusal is being written is refused, too; the others park without a request.
      'each of them asks until it is refused': ({ requests }) =>
        requests.filter(({ fault }) => fault !== undefined).length >= 20,
    },
  },
  {
    kind: 'credentials',
    fault: 'the access token ends before a burst of 20',
    start: startOAuth,
    events: 20,
    atOnce: 20,
    after: (fake) => fake.expireTokens(),
    expected: { states: { delivered: 21 }, records: { ...one, tickets: 21 } },
    never: { 'there is more than one new sign-in': ({ fake }) => fake.signIns() !== 2 },
  },
  {
    kind: 'credentials',
    fault: 'endless 401 for an OAuth client',
    start: startOAuth,
    meets: (name) => (name === 'POST /oauth/tokens' ? undefined : unauthorized),
    expected: {
      states: parked,
      failures: ['ConnectionBroken'],
      records: nothing,
      requests: ['POST /oauth/tokens', 'GET users/me', 'POST /oauth/tokens', 'GET users/me'],
    },
  },
  {
    kind: 'credentials',
    fault: 'endless 401',
    meets: () => unauthorized,
    expected: { states: parked, failures: ['ConnectionBroken'], records: nothing, requests: ['GET users/me'] },
  },
  {
    kind: 'content',
    fault: `the e-mail address x\\' OR Email LIKE '%`,
    chat: { PreChatEmail: "x\\' OR Email LIKE '%" }, // the address last known is taken instead
    expected: { states: delivered, failures: [], records: one, requests: first },
  },
  {
    kind: 'content',
    fault: 'a message that anybody may have left, for an address that anybody may have entered',
    message: {},
    expected: {
      states: delivered,
      failures: [],
      records: { ...one, files: 1 },
      requests: ['GET users/me', 'POST uploads', 'POST tickets'],
    },
    never: { 'it is mailed': ({ fake }) => fake.mails.length > 0 },
  },
  {
    kind: 'content',
    fault: 'a transcript of 40,000 characters, with an emoji where it is cut',
    chat: { content: transcript },
    expected: {
      states: delivered,
      failures: [],
      records: { ...one, files: 1 },
      requests: ['GET users/me', 'POST uploads', 'POST tickets'],
    },
    never: {
      'the comment is torn or too long': ({ fake }) =>
        fake.tickets.some(
          ({ comments: [comment] }) =>
            isTorn(comment?.body ?? '') || Buffer.byteLength(comment?.body ?? '') > MAX_BYTES,
        ),
      'the file lacks a part': ({ fake }) => !fake.uploads.every(({ bytes }) => bytes.toString().includes(transcript)),
      'the file is at no ticket': ({ fake }) => fake.uploads.some(({ isUsed }) => !isUsed),
    },
  },
  {
    kind: 'race',
    fault: 'a zombie attempt ends after its retry',
    creations: ['hold'],
    isZombie: true,
    expected: { states: delivered, failures: [], records: one },
  },
];

/** Half of a character that takes two units. */
const isTorn = (text: string): boolean => /\p{Surrogate}/u.test(text);
