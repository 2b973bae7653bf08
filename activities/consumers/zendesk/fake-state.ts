/** A user of a fake Zendesk account. */
export interface FakeUser {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: 'end-user' | 'agent' | 'admin';
  readonly role_type?: number;
}

export interface FakeComment {
  readonly id: number;
  readonly author_id: number;
  readonly body: string;
  readonly public: boolean;
  readonly attachments: readonly FakeAttachment[];
}

export interface FakeAttachment {
  readonly id: number;
  readonly file_name: string;
  readonly content_type: string;
  readonly size: number;
}

export interface FakeUpload {
  readonly token: string;
  readonly attachment: FakeAttachment;
  readonly bytes: Buffer;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  isUsed: boolean;
}

export interface FakeTicket {
  readonly id: number;
  readonly external_id: string | null;
  readonly subject: string;
  readonly requester_id: number;
  readonly submitter_id: number;
  readonly tags: readonly string[];
  readonly custom_fields: readonly { readonly id: number; readonly value: unknown }[];
  readonly group_id: number | null;
  readonly brand_id: number | null;
  readonly ticket_form_id: number | null;
  readonly priority: string | null;
  readonly comments: FakeComment[];
  /** Closed for 120 days: no list shows it any more. */
  isArchived: boolean;
}

/** A mail of a trigger. */
export interface FakeMail {
  readonly to: string;
  readonly trigger: string;
  readonly text: string;
}

/** `role_type` of agents who write internal notes only. */
export const LIGHT_AGENT = 1;

/** The account's own set-up: fields, and records by their ids. */
export const settings = {
  ticketFieldIds: [360001, 360002],
  groupIds: [71],
  brandIds: [72],
  ticketFormIds: [73],
} as const;

/** The connection's user, a visitor to fall back to, and an agent whose address a visitor may type. */
export const fakeUsers = {
  integration: { id: 900001, name: 'Chat', email: 'chat@example.com', role: 'admin' },
  fallback: { id: 900002, name: 'Unknown visitor', email: null, role: 'end-user' },
  agent: { id: 900003, name: 'Bob Agent', email: 'bob@example.com', role: 'agent' },
  lightAgent: { id: 900004, name: 'Lea Light', email: 'lea@example.com', role: 'agent', role_type: LIGHT_AGENT },
} as const satisfies Record<string, FakeUser>;

/** Longest life of an upload that Zendesk's older documentation names. */
const UPLOAD_LIFE_MS = 60 * 60_000;
const MAX_COMMENT_BYTES = 65_536;

const TICKET_PROPERTIES =
  'subject external_id submitter_id requester requester_id comment tags custom_fields group_id brand_id ticket_form_id priority'.split(
    ' ',
  );
const COMMENT_PROPERTIES = ['body', 'public', 'uploads', 'author_id'];

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export function createState(clock: () => number) {
  const users: FakeUser[] = Object.values(fakeUsers);
  const tickets: FakeTicket[] = [];
  const uploads: FakeUpload[] = [];
  const mails: FakeMail[] = [];
  let lastId = 35_000;
  const newId = (): number => (lastId += 1);

  /** Names of the refused properties, as `details` of RecordInvalid; nothing changes. */
  function problemsOf(ticket: Json, isNew: boolean): string[] {
    const { requester, requester_id: requesterId, submitter_id: submitterId, comment, tags = [] } = ticket;
    const problems = Object.keys(ticket).filter((name) => !TICKET_PROPERTIES.includes(name));
    const refuse = (name: string, isWrong: boolean): void => void (isWrong && problems.push(name));
    refuse('base', requester !== undefined && requesterId !== undefined);
    if (isObject(requester)) refuse('requester', !isRequester(requester));
    refuse('requester', requesterId !== undefined && !users.some(({ id }) => id === requesterId));
    refuse('submitter', submitterId !== undefined && !users.some(({ id }) => id === submitterId));
    refuse('comment', (isNew || comment !== undefined) && !isComment(comment));
    refuse('tags', !listOf(tags).every((tag) => typeof tag === 'string' && /^[^\sA-Z]+$/.test(tag)));
    refuse('group_id', !isOneOf(settings.groupIds, ticket['group_id']));
    refuse('brand_id', !isOneOf(settings.brandIds, ticket['brand_id']));
    refuse('ticket_form_id', !isOneOf(settings.ticketFormIds, ticket['ticket_form_id']));
    refuse('priority', !isOneOf(['low', 'normal', 'high', 'urgent'], ticket['priority']));
    return problems;
  }

  function isRequester({ name, email }: Json): boolean {
    if (typeof email !== 'string' || !/^[^\s@"<>,;]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(email)) return false;
    return userOf(email) !== undefined || (typeof name === 'string' && name.trim() !== '');
  }

  function isComment(comment: unknown): boolean {
    if (!isObject(comment)) return false;
    const { body, public: isPublic, uploads: tokens = [] } = comment;
    return (
      Object.keys(comment).every((name) => COMMENT_PROPERTIES.includes(name)) &&
      typeof body === 'string' &&
      body.trim() !== '' &&
      Buffer.byteLength(body) <= MAX_COMMENT_BYTES &&
      ['boolean', 'undefined'].includes(typeof isPublic) &&
      listOf(tokens).every((token) => uploadOf(token) !== undefined)
    );
  }

  const userOf = (email: unknown): FakeUser | undefined =>
    users.find((user) => user.email !== null && user.email === String(email).toLowerCase());
  const uploadOf = (token: unknown): FakeUpload | undefined =>
    uploads.find((one) => one.token === token && !one.isUsed && one.expiresAt > clock());

  function requesterOf({ requester, requester_id: requesterId }: Json, caller: FakeUser): number {
    if (typeof requesterId === 'number') return requesterId;
    if (!isObject(requester)) return caller.id;
    const known = userOf(requester['email']);
    if (known !== undefined) return known.id;
    const email = String(requester['email']).toLowerCase();
    const user: FakeUser = { id: newId(), name: String(requester['name']), email, role: 'end-user' };
    users.push(user);
    return user.id;
  }

  function addComment(ticket: FakeTicket, comment: Json, author: number): void {
    const authorId = typeof comment['author_id'] === 'number' ? comment['author_id'] : author;
    const isLight = users.some(({ id, role_type: type }) => id === authorId && type === LIGHT_AGENT);
    const used = listOf(comment['uploads']).flatMap((token) => uploadOf(token) ?? []);
    for (const upload of used) upload.isUsed = true;
    ticket.comments.push({
      id: newId(),
      author_id: authorId,
      body: String(comment['body']),
      public: comment['public'] !== false && !isLight,
      attachments: used.map(({ attachment }) => attachment),
    });
  }

  /** "Notify requester of new proactive ticket", which a new account has: for comments of agents, with the comment in it. */
  function notifyRequester({ requester_id: requesterId, submitter_id: submitterId, comments }: FakeTicket): void {
    const to = users.find(({ id }) => id === requesterId)?.email ?? null;
    const isByAgent = users.some(({ id, role }) => id === submitterId && role !== 'end-user');
    const [first] = comments;
    if (first?.public !== true || !isByAgent || to === null || requesterId === submitterId) return;
    mails.push({ to, trigger: 'Notify requester of new proactive ticket', text: first.body });
  }

  return {
    users,
    tickets,
    uploads,
    mails,
    problemsOf,

    create(wanted: Json, caller: FakeUser): FakeTicket {
      const requesterId = requesterOf(wanted, caller);
      const known = listOf(wanted['custom_fields']).filter(
        (field): field is { id: number; value: unknown } =>
          isObject(field) && settings.ticketFieldIds.some((id) => id === field['id']),
      );
      const ticket: FakeTicket = {
        id: newId(),
        external_id: textOr(wanted['external_id']),
        subject: textOr(wanted['subject']) ?? '',
        requester_id: requesterId,
        // As Zendesk documents it: the requester is also the author, unless the request names another.
        submitter_id: typeof wanted['submitter_id'] === 'number' ? wanted['submitter_id'] : requesterId,
        tags: listOf(wanted['tags']).map(String),
        custom_fields: known,
        group_id: numberOr(wanted['group_id']),
        brand_id: numberOr(wanted['brand_id']),
        ticket_form_id: numberOr(wanted['ticket_form_id']),
        priority: textOr(wanted['priority']),
        comments: [],
        isArchived: false,
      };
      addComment(ticket, wanted['comment'] as Json, ticket.submitter_id); // problemsOf has seen it
      notifyRequester(ticket);
      tickets.push(ticket);
      return ticket;
    },

    update(ticket: FakeTicket, { comment }: Json, caller: FakeUser): void {
      if (isObject(comment)) addComment(ticket, comment, caller.id);
    },

    upload(fileName: string, contentType: string, bytes: Buffer): FakeUpload {
      const attachment = { id: newId(), file_name: fileName, content_type: contentType, size: bytes.length };
      const expiresAt = clock() + UPLOAD_LIFE_MS;
      const upload = { token: `upload${newId()}`, attachment, bytes, expiresAt, isUsed: false };
      uploads.push(upload);
      return upload;
    },
  };
}

const isOneOf = (allowed: readonly unknown[], value: unknown): boolean =>
  value === undefined || allowed.includes(value);
const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
