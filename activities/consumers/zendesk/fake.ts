import { createHash } from 'node:crypto';
import { startFakeServer, type FakeAnswer, type FakeRequest, type Fault } from '../../http/fake';
import { fillAnswer } from '../../http/fake/fill-answer';
import { answers } from './fake/answers';
import { invalid, listed, me, refuseStranger, shown, single } from './fake/filled';
import { createTokens, EXAMPLE_CLIENT, EXAMPLE_REFRESH_TOKEN, type TokenOptions } from './fake/tokens';
import { createState, fakeUsers, settings, type FakeTicket, type FakeUser } from './fake-state';

export { rateLimited } from './fake/filled';
export { fakeUsers, settings };

/** A request as it came in, with any answer. */
export interface Arrival extends FakeRequest {
  /** The fault that it met. */
  readonly fault: Fault | undefined;
}

export interface ZendeskOptions extends Partial<TokenOptions> {
  /** API token of `fakeUsers.integration`; also taken as its OAuth token. */
  readonly token?: string;
  /** The user that signs in; default: an admin. */
  readonly user?: FakeUser;
  /** Asked for each request; undefined = all goes well. */
  readonly fault?: (request: FakeRequest) => Fault | undefined;
  /** Default: any free one. */
  readonly port?: number;
}

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
  user = fakeUsers.integration,
  fault = () => undefined,
  clock = Date.now,
  tokenLastsSeconds = 30 * 60,
  refreshTokenLastsSeconds = 30 * 86_400,
  beforeRefresh = async () => {},
  port = 0,
}: ZendeskOptions = {}) {
  const arrivals: Arrival[] = [];
  const remembered = new Map<string, Remembered>();
  const state = createState(clock);
  const { tickets, users, uploads, mails } = state;
  const tokens = createTokens({
    clientSecret,
    clock,
    tokenLastsSeconds,
    refreshTokenLastsSeconds,
    beforeRefresh,
  });

  function handle(request: FakeRequest): FakeAnswer | Promise<FakeAnswer> {
    if (isSignIn(request)) return tokens.signIn(request);
    const caller = tokens.isValid(request) || isLetIn(request.headers.authorization, token) ? user : null;
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
    if (method !== 'GET') return fillAnswer(answers.notFound);
    if (ticket !== undefined) {
      return part === 'comments'
        ? listed('comments', ticket.comments)
        : fillAnswer(answers.shown, { ticket: shown(ticket) });
    }
    if (kind === 'tickets' && id === undefined) return find(query.get('external_id'));
    if (kind === 'search') return search(query.get('query') ?? '');
    if (kind === 'users' && id === 'me') return me(caller);
    if (kind === 'ticket_fields')
      return listed(
        'ticket_fields',
        settings.ticketFieldIds.map((one) => ({ id: one })),
      );
    return single(kind, id) ?? fillAnswer(answers.notFound);
  }

  function createOnce(request: FakeRequest, caller: FakeUser): FakeAnswer {
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string') return create(request, caller);
    const digest = createHash('sha256').update(request.bytes).digest('hex');
    const before = remembered.get(key);
    if (before !== undefined && clock() - before.at < REMEMBERED_MS) {
      if (before.digest !== digest) return fillAnswer(answers.keyReused);
      return { ...before.answer, headers: { ...before.answer.headers, 'x-idempotency-lookup': 'hit' } };
    }
    const answer = create(request, caller);
    if (answer.status === 201) remembered.set(key, { digest, answer, at: clock() });
    return { ...answer, headers: { ...answer.headers, 'x-idempotency-lookup': 'miss' } };
  }

  function create(request: FakeRequest, caller: FakeUser): FakeAnswer {
    const wanted = readTicket(request);
    if (wanted === null) return fillAnswer(answers.unreadable);
    const problems = state.problemsOf(wanted, true);
    if (problems.length > 0) return invalid(problems);
    return fillAnswer(answers.created, { ticket: shown(state.create(wanted, caller)) });
  }

  function update(request: FakeRequest, ticket: FakeTicket, caller: FakeUser): FakeAnswer {
    const wanted = readTicket(request);
    if (wanted === null) return fillAnswer(answers.unreadable);
    const problems = state.problemsOf(wanted, false);
    if (problems.length > 0) return invalid(problems);
    state.update(ticket, wanted, caller);
    return fillAnswer(answers.updated, { ticket: shown(ticket) });
  }

  function takeUpload({ query, headers, bytes }: FakeRequest): FakeAnswer {
    const fileName = query.get('filename');
    if (fileName === null || bytes.length === 0) return invalid(['filename']);
    const { token: uploaded, attachment, expiresAt } = state.upload(fileName, String(headers['content-type']), bytes);
    return fillAnswer(answers.uploaded, {
      token: uploaded,
      expiresAt: new Date(expiresAt).toISOString(),
      attachment,
    });
  }

  function find(externalId: string | null): FakeAnswer {
    const found = tickets.filter((one) => !one.isArchived && (externalId ?? one.external_id) === one.external_id);
    return listed('tickets', found.map(shown));
  }

  /** Finds archived tickets as well. */
  function search(wanted: string): FakeAnswer {
    const [, externalId] = /^type:ticket external_id:(\S+)$/.exec(wanted) ?? [];
    const found = tickets.filter(({ external_id: theirs }) => theirs === externalId);
    const results = found.map((ticket) => ({ ...(shown(ticket) as object), result_type: 'ticket' })); // the part is one
    return fillAnswer(answers.found, { results, count: results.length });
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
    signIns: tokens.given,
    expireTokens: tokens.expireAll,
    revokeRefreshToken: tokens.revokeRefreshToken,
    refreshTokens: tokens.refreshTokens,
    refreshToken: tokens.refreshToken,
    tickets,
    users,
    uploads,
    /** Mails to requesters. */
    mails,
    /** Those of a delivery, by its id: one, if all is well. */
    ticketsOf: (deliveryId: string): FakeTicket[] => tickets.filter((one) => one.external_id === deliveryId),
    /** Configuration and secrets of a connection to it. */
    account: { config: { endpoint: server.origin, email: fakeUsers.integration.email }, secrets: { apiToken: token } },
    /** The same by its OAuth client. */
    oauthAccount: {
      config: { endpoint: server.origin, clientId: EXAMPLE_CLIENT.clientId },
      secrets: { clientSecret },
    },
    /** The same by its first refresh token. */
    refreshAccount: {
      config: { endpoint: server.origin, clientId: EXAMPLE_CLIENT.clientId },
      secrets: { clientSecret, refreshToken: EXAMPLE_REFRESH_TOKEN },
    },
  };
}

function isLetIn(authorization: string | undefined, token: string): boolean {
  const basic = Buffer.from(`${fakeUsers.integration.email}/token:${token}`).toString('base64');
  return [`Basic ${basic}`, `Bearer ${token}`].includes(authorization ?? '');
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
