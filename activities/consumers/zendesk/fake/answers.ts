import type { AnswerShape, Shape } from '../../../http/fake/fill-answer';

const checked = '2026-11-30';
const headers = { 'content-type': 'application/json; charset=utf-8' };

const REFERENCE = 'https://developer.zendesk.com/api-reference';
const TICKETS = `${REFERENCE}/ticketing/tickets/tickets/`;
const REQUESTS = `${REFERENCE}/introduction/requests/`;
const GRANTS = `${REFERENCE}/ticketing/oauth/grant_type_tokens/`;
const OAUTH = 'RFC 6749 section 5.2 for the word; the text is ours';
const FIXTURES = 'https://github.com/nukosuke/go-zendesk/blob/master/fixture';

const json = (status: number, body: unknown, source: string): AnswerShape => ({
  status,
  headers,
  body,
  source,
  checked,
});
const page = (name: string, source: string): AnswerShape =>
  json(200, { [name]: `{${name}}`, next_page: null, previous_page: null, count: '{count}' }, source);

/** How Zendesk answers: the fake fills in its own values. */
export const answers = {
  accessToken: json(
    201,
    { access_token: '{token}', token_type: 'bearer', scope: '{scope}', expires_in: '{seconds}' },
    GRANTS,
  ),
  refreshedToken: json(
    200,
    {
      access_token: '{token}',
      refresh_token: '{refreshToken}',
      token_type: 'bearer',
      scope: '{scope}',
      expires_in: '{seconds}',
      refresh_token_expires_in: '{refreshSeconds}',
    },
    `${GRANTS} (names of the lifetimes as in its requests; the answer's are assumed)`,
  ),
  signInRefused: json(400, { error: '{error}' }, OAUTH),
  unknownClient: json(401, { error: 'invalid_client', error_description: 'Client authentication failed' }, OAUTH),
  stranger: json(401, { error: "Couldn't authenticate you" }, REQUESTS),
  /** `users/me` answers wrong credentials with success. */
  anonymous: {
    status: 200,
    headers,
    body: { user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user' } },
    source:
      'https://github.com/blakmatrix/node-zendesk/issues/152 for a guest instead of a refusal; the words are from memory',
  },
  me: json(
    200,
    {
      user: {
        id: '{id}',
        name: '{name}',
        email: '{email}',
        active: true,
        role: '{role}',
        role_type: '{roleType}',
        custom_role_id: null,
        only_private_comments: '{isLight}',
        restricted_agent: false,
        suspended: false,
        ticket_restriction: null,
        verified: true,
      },
    },
    `${REFERENCE}/ticketing/users/users/; ${FIXTURES}/GET/user.json`,
  ),
  created: json(201, { ticket: '{ticket}', audit: {} }, TICKETS),
  updated: json(200, { ticket: '{ticket}', audit: {} }, TICKETS),
  shown: json(200, { ticket: '{ticket}' }, TICKETS),
  uploaded: json(
    201,
    {
      upload: {
        token: '{token}',
        expires_at: '{expiresAt}',
        attachment: '{attachment}',
        attachments: ['{attachment}'],
      },
    },
    `${REFERENCE}/ticketing/tickets/ticket-attachments/; ${FIXTURES}/POST/upload.json`,
  ),
  tickets: page('tickets', TICKETS),
  comments: page('comments', `${REFERENCE}/ticketing/tickets/ticket_comments/; ${FIXTURES}/GET/ticket_comments.json`),
  fields: page('ticket_fields', `${REFERENCE}/ticketing/tickets/ticket_fields/`),
  found: json(
    200,
    { results: '{results}', facets: null, next_page: null, previous_page: null, count: '{count}' },
    `${REFERENCE}/ticketing/ticket-management/search/; ${FIXTURES}/GET/search_ticket.json`,
  ),
  group: json(200, { group: { id: '{id}' } }, `${FIXTURES}/GET/group.json`),
  brand: json(200, { brand: { id: '{id}' } }, `${FIXTURES}/GET/brand.json`),
  form: json(200, { ticket_form: { id: '{id}' } }, `${FIXTURES}/GET/ticket_form.json`),
  notFound: json(404, { error: 'RecordNotFound', description: 'Not found' }, REQUESTS),
  unreadable: json(
    400,
    { error: 'BadRequest', description: 'No ticket' },
    `${REQUESTS} for the form; the words are ours`,
  ),
  keyReused: json(
    400,
    { error: 'IdempotentRequestError', description: "Request parameters don't match the given idempotency key" },
    `${REFERENCE}/ticketing/introduction/#idempotency`,
  ),
  invalid: json(
    422,
    { error: 'RecordInvalid', description: 'Record validation errors', details: '{details}' },
    REQUESTS,
  ),
  /** No JSON. */
  rateLimited: {
    status: 429,
    headers: { 'content-type': 'text/plain', 'x-rate-limit-remaining': '0' },
    body: 'Number of allowed API requests per minute exceeded',
    source: `captured by customers; ${REFERENCE}/introduction/rate-limits/ for Retry-After`,
    checked,
  },
} as const satisfies Record<string, AnswerShape>;

/** Parts of answers, which stand there once or several times. */
export const parts = {
  /** Of a refused record, for one of its fields. */
  problem: {
    body: [{ description: '{field}: is invalid', error: 'Invalid' }],
    source: REQUESTS,
    checked,
  },
  ticket: {
    body: {
      url: 'https://example.zendesk.com/api/v2/tickets/{id}.json',
      id: '{id}',
      external_id: '{externalId}',
      via: { channel: 'api', source: { from: {}, to: {}, rel: null } },
      subject: '{subject}',
      description: '{description}',
      priority: '{priority}',
      status: '{status}',
      from_archive: '{isArchived}',
      requester_id: '{requester}',
      submitter_id: '{submitter}',
      group_id: '{group}',
      is_public: '{isPublic}',
      tags: '{tags}',
      custom_fields: '{fields}',
      ticket_form_id: '{form}',
      brand_id: '{brand}',
    },
    source: `${TICKETS}; ${FIXTURES}/POST/ticket.json`,
    checked,
  },
} as const satisfies Record<string, Shape>;
