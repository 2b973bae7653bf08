import { createHash, randomBytes } from 'node:crypto';
import { startFakeServer, type FakeAnswer, type FakeRequest, type Fault } from '../../http/fake';
import { createState, fakeUsers, settings, type FakeTicket, type FakeUser } from './fake-state';

export { fakeUsers, settings };

/** A request as it came in, whatever was answered to it. */
export interface Arrival extends FakeRequest {
  /** What happened instead of the usual. */
  readonly fault: Fault | undefined;
}

export interface ZendeskOptions {
  /** Of the OAuth client that may sign in. */
  readonly clientSecret?: string;
  /** API token of `fakeUsers.integration`; also taken as its OAuth token. */
  readonly token?: string;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  /** Milliseconds since 1970, for what Zendesk forgets. Default: the system's. */
  readonly clock?: () => number;
  /** Default: any free one. */
  readonly port?: number;
}

export const EXAMPLE_CLIENT = { clientId: 'chat_events', clientSecret: 'EXAMPLE0ZENDESK0CLIENT0SECRET' } as const;

const TOKEN_LIFE_S = 30 * 60;

export const EXAMPLE_TOKEN = 'R2D2zendeskExampleToken0123456789';

/** How long Zendesk remembers an Idempotency-Key. */
const REMEMBERED_MS = 2 * 3600_000;

interface Remembered {
  readonly digest: string;
  readonly answer: FakeAnswer;
  readonly at: number;
}

/** True for the request that creates a ticket. */
export const isTicketCreation = ({ method, path }: FakeRequest): boolean =>
  method === 'POST' && path === '/api/v2/tickets.json';

export const isSignIn = ({ path }: FakeRequest): boolean => path === '/oauth/tokens';

/** A real Zendesk account on 127.0.0.1, with tickets, users and files, that fails as it is told. Nothing is deduplicated. */
export async function startZendesk({
  clientSecret = EXAMPLE_CLIENT.clientSecret,
  token = EXAMPLE_TOKEN,
  fault = () => undefined,
  clock = Date.now,
  port = 0,
}: ZendeskOptions = {}) {
  const arrivals: Arrival[] = [];
  const remembered = new Map<string, Remembered>();
  const state = createState(clock);
  const { tickets, users, uploads } = state;

  /** Access tokens and their ends, in milliseconds since 1970. */
  const given = new Map<string, number>();
  let signIns = 0;

  function signIn({ method, body }: FakeRequest): FakeAnswer {
    const form = readObject(body);
    if (method !== 'POST' || form === null) return json(400, { error: 'invalid_request' });
    if (form['client_id'] !== EXAMPLE_CLIENT.clientId || form['client_secret'] !== clientSecret) {
      return json(401, { error: 'invalid_client', error_description: 'Client authentication failed' });
    }
    if (form['grant_type'] !== 'client_credentials') return json(400, { error: 'unsupported_grant_type' });
    if (form['scope'] !== 'read write') return json(400, { error: 'invalid_scope' });
    signIns += 1;
    const fresh = randomBytes(32).toString('hex');
    given.set(fresh, clock() + TOKEN_LIFE_S * 1000);
    return json(200, { access_token: fresh, token_type: 'bearer', scope: form['scope'], expires_in: TOKEN_LIFE_S });
  }

  function handle(request: FakeRequest): FakeAnswer {
    if (isSignIn(request)) return signIn(request);
    const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const isGiven = (given.get(bearer) ?? 0) > clock();
    const caller = isGiven ? fakeUsers.integration : callerOf(request.headers.authorization, token);
    const answer = caller === null ? refuseStranger(request) : route(request, caller);
    return { ...answer, headers: { ...LIMITS, ...answer.headers } };
  }

  function route(request: FakeRequest, caller: FakeUser): FakeAnswer {
    const { method, path, query } = request;
    const [kind = '', id, part] = path
      .replace(/^\/api\/v2\//, '')
      .replace(/\.json$/, '')
      .split('/');
    if (isTicketCreation(request)) return createOnce(request, caller);
    if (method === 'POST' && kind === 'uploads') return takeUpload(request);
    const ticket = kind === 'tickets' && id !== undefined ? tickets.find((one) => String(one.id) === id) : undefined;
    if (method === 'PUT' && ticket !== undefined) return update(request, ticket, caller);
    if (method !== 'GET') return notFound;
    if (ticket !== undefined) return part === 'comments' ? list('comments', ticket.comments) : json(200, shown(ticket));
    if (kind === 'tickets' && id === undefined) return find(query.get('external_id'));
    if (kind === 'users' && id === 'me') return json(200, { user: caller });
    if (kind === 'ticket_fields') return list(kind, settings.ticketFieldIds.map(asRecord));
    const ids: readonly number[] = { groups: settings.groupIds, brands: settings.brandIds }[kind] ?? [];
    const known = kind === 'ticket_forms' ? settings.ticketFormIds : ids;
    return known.some((one) => String(one) === id)
      ? json(200, { [kind.slice(0, -1)]: asRecord(Number(id)) })
      : notFound;
  }

  function createOnce(request: FakeRequest, caller: FakeUser): FakeAnswer {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string') return create(request, caller);
    const digest = createHash('sha256').update(request.bytes).digest('hex');
    const before = remembered.get(key);
    if (before !== undefined && clock() - before.at < REMEMBERED_MS) {
      if (before.digest !== digest) return keyReused;
      return { ...before.answer, headers: { ...before.answer.headers, 'x-idempotency-lookup': 'hit' } };
    }
    const answer = create(request, caller);
    if (answer.status === 201) remembered.set(key, { digest, answer, at: clock() });
    return { ...answer, headers: { ...answer.headers, 'x-idempotency-lookup': 'miss' } };
  }

  function create(request: FakeRequest, caller: FakeUser): FakeAnswer {
    const wanted = readTicket(request);
    if (wanted === null) return unreadable;
    const problems = state.problemsOf(wanted, true);
    if (problems.length > 0) return invalid(problems);
    return json(201, { ...shown(state.create(wanted, caller)), audit: {} });
  }

  function update(request: FakeRequest, ticket: FakeTicket, caller: FakeUser): FakeAnswer {
    const wanted = readTicket(request);
    if (wanted === null) return unreadable;
    const problems = state.problemsOf(wanted, false);
    if (problems.length > 0) return invalid(problems);
    state.update(ticket, wanted, caller);
    return json(200, { ...shown(ticket), audit: {} });
  }

  function takeUpload({ query, headers, bytes }: FakeRequest): FakeAnswer {
    const fileName = query.get('filename');
    if (fileName === null || bytes.length === 0) return invalid(['filename']);
    const { token: uploaded, attachment, expiresAt } = state.upload(fileName, String(headers['content-type']), bytes);
    const upload = { token: uploaded, expires_at: new Date(expiresAt).toISOString(), attachment };
    return json(201, { upload: { ...upload, attachments: [attachment] } });
  }

  function find(externalId: string | null): FakeAnswer {
    const found = tickets.filter(({ external_id: theirs }) => externalId === null || theirs === externalId);
    return list(
      'tickets',
      found.map((ticket) => shown(ticket).ticket),
    );
  }

  const server = await startFakeServer({
    handle,
    note: (request, met) => void arrivals.push({ ...request, fault: met }),
    fault,
    port,
  });
  return {
    ...server,
    arrivals,
    /** Access tokens that were given. */
    signIns: (): number => signIns,
    expireTokens: (): void => given.clear(),
    tickets,
    users,
    uploads,
    /** Those of a delivery, by its id: one, if all is well. */
    ticketsOf: (deliveryId: string): FakeTicket[] => tickets.filter((one) => one.external_id === deliveryId),
    /** What a connection to it is made of. */
    account: { config: { endpoint: server.origin, email: fakeUsers.integration.email }, secrets: { apiToken: token } },
    /** The same by its OAuth client. */
    oauthAccount: {
      config: { endpoint: server.origin, clientId: EXAMPLE_CLIENT.clientId },
      secrets: { clientSecret },
    },
  };
}

function callerOf(authorization: string | undefined, token: string): FakeUser | null {
  const basic = Buffer.from(`${fakeUsers.integration.email}/token:${token}`).toString('base64');
  return [`Basic ${basic}`, `Bearer ${token}`].includes(authorization ?? '') ? fakeUsers.integration : null;
}

/** As recorded from Zendesk: asked who signs in, it answers wrong credentials with success. */
function refuseStranger({ path }: FakeRequest): FakeAnswer {
  if (!path.endsWith('/users/me.json')) return json(401, { error: "Couldn't authenticate you" });
  return json(200, { user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user' } });
}

function readTicket({ body }: FakeRequest): Readonly<Record<string, unknown>> | null {
  const { ticket = null } = readObject(body) ?? {};
  return typeof ticket === 'object' ? (ticket as Readonly<Record<string, unknown>> | null) : null; // problemsOf looks at each part
}

function readObject(body: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

const LIMITS = { 'x-rate-limit': '700', 'x-rate-limit-remaining': '699' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

const json = (status: number, body: unknown): FakeAnswer => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify(body),
});
const asRecord = (id: number) => ({ id });
const list = (name: string, records: readonly unknown[]): FakeAnswer =>
  json(200, { [name]: records, next_page: null, previous_page: null, count: records.length });

/** A ticket as it is answered: its first comment is its description. */
const shown = ({ comments, ...ticket }: FakeTicket) => ({
  ticket: {
    ...ticket,
    url: `https://example.zendesk.com/api/v2/tickets/${ticket.id}.json`,
    description: comments[0]?.body ?? '',
    status: 'new',
    via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
  },
});

const notFound = json(404, { error: 'RecordNotFound', description: 'Not found' });
const unreadable = json(400, { error: 'BadRequest', description: 'No ticket' });
const keyReused = json(400, {
  error: 'IdempotentRequestError',
  description: "Request parameters don't match the given idempotency key",
});
const invalid = (names: readonly string[]): FakeAnswer =>
  json(422, {
    error: 'RecordInvalid',
    description: 'Record validation errors',
    details: Object.fromEntries(
      names.map((name) => [name, [{ description: `${name}: is invalid`, error: 'Invalid' }]]),
    ),
  });

/** As customers have captured it: no JSON. */
export const rateLimited = (seconds: number | string): FakeAnswer => ({
  status: 429,
  headers: { 'content-type': 'text/plain', 'retry-after': String(seconds), 'x-rate-limit-remaining': '0' },
  body: 'Number of allowed API requests per minute exceeded',
});
