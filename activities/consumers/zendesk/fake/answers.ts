import type { AnswerShape, Shape } from '../../../http/fake/fill-answer';

const checked = '2026-11-30';
const headers = { 'content-type': 'application/json; charset=utf-8' };

const REFERENCE = 'https://developer.zendesk.com/api-reference';
const TICKETS = `${REFERENCE}/ticketing/tickets/tickets/`;
const REQUESTS = `${REFERENCE}/introduction/requests/`;
const GRANTS = `${REFERENCE}/ticketing/oauth/grant_type_tokens/`;
const OAUTH = 'RFC 6749 section 5.2 for the word; the text is ours';
const FIXTURES = 'https://github.com/nukosuke/go-zendesk/blob/master/fixture';

/** How Zendesk answers: the fake fills in what it holds. */
export const answers = {
  accessToken: {
    status: 201,
    headers,
    body: { access_token: '{token}', token_type: 'bearer', scope: '{scope}', expires_in: '{seconds}' },
    source: GRANTS,
    checked,
  },
  refreshedToken: {
    status: 200,
    headers,
    body: {
      access_token: '{token}',
      refresh_token: '{refreshToken}',
      token_type: 'bearer',
      scope: '{scope}',
      expires_in: '{seconds}',
      refresh_token_expires_in: '{refreshSeconds}',
    },
    source: `${GRANTS} (names of the lifetimes as in its requests; the answer's are assumed)`,
    checked,
  },
  signInRefused: { status: 400, headers, body: { error: '{error}' }, source: OAUTH, checked },
  unknownClient: {
    status: 401,
    headers,
    body: { error: 'invalid_client', error_description: 'Client authentication failed' },
    source: OAUTH,
    checked,
  },
  stranger: { status: 401, headers, body: { error: "Couldn't authenticate you" }, source: REQUESTS, checked },
  /** `users/me` answers wrong credentials with success. */
  anonymous: {
    status: 200,
    headers,
    body: { user: { id: null, name: 'Anonymous user', email: 'invalid@example.com', role: 'end-user' } },
    source:
      'https://github.com/blakmatrix/node-zendesk/issues/152 for a guest instead of a refusal; the words are from memory',
  },
  me: {
    status: 200,
    headers,
    body: {
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
    source: `${REFERENCE}/ticketing/users/users/; ${FIXTURES}/GET/user.json`,
    checked,
  },
  created: { status: 201, headers, body: { ticket: '{ticket}', audit: {} }, source: TICKETS, checked },
  updated: { status: 200, headers, body: { ticket: '{ticket}', audit: {} }, source: TICKETS, checked },
  shown: { status: 200, headers, body: { ticket: '{ticket}' }, source: TICKETS, checked },
  uploaded: {
    status: 201,
    headers,
    body: {
      upload: {
        token: '{token}',
        expires_at: '{expiresAt}',
        attachment: '{attachment}',
        attachments: ['{attachment}'],
      },
    },
    source: `${REFERENCE}/ticketing/tickets/ticket-attachments/; ${FIXTURES}/POST/upload.json`,
    checked,
  },
  tickets: {
    status: 200,
    headers,
    body: { tickets: '{tickets}', next_page: null, previous_page: null, count: '{count}' },
    source: TICKETS,
    checked,
  },
  comments: {
    status: 200,
    headers,
    body: { comments: '{comments}', next_page: null, previous_page: null, count: '{count}' },
    source: `${REFERENCE}/ticketing/tickets/ticket_comments/; ${FIXTURES}/GET/ticket_comments.json`,
    checked,
  },
  fields: {
    status: 200,
    headers,
    body: { ticket_fields: '{fields}', next_page: null, previous_page: null, count: '{count}' },
    source: `${REFERENCE}/ticketing/tickets/ticket_fields/`,
    checked,
  },
  found: {
    status: 200,
    headers,
    body: { results: '{results}', facets: null, next_page: null, previous_page: null, count: '{count}' },
    source: `${REFERENCE}/ticketing/ticket-management/search/; ${FIXTURES}/GET/search_ticket.json`,
    checked,
  },
  group: { status: 200, headers, body: { group: { id: '{id}' } }, source: `${FIXTURES}/GET/group.json`, checked },
  brand: { status: 200, headers, body: { brand: { id: '{id}' } }, source: `${FIXTURES}/GET/brand.json`, checked },
  form: {
    status: 200,
    headers,
    body: { ticket_form: { id: '{id}' } },
    source: `${FIXTURES}/GET/ticket_form.json`,
    checked,
  },
  notFound: {
    status: 404,
    headers,
    body: { error: 'RecordNotFound', description: 'Not found' },
    source: REQUESTS,
    checked,
  },
  unreadable: {
    status: 400,
    headers,
    body: { error: 'BadRequest', description: 'No ticket' },
    source: `${REQUESTS} for the form; the words are ours`,
    checked,
  },
  keyReused: {
    status: 400,
    headers,
    body: {
      error: 'IdempotentRequestError',
      description: "Request parameters don't match the given idempotency key",
    },
    source: `${REFERENCE}/ticketing/introduction/#idempotency`,
    checked,
  },
  invalid: {
    status: 422,
    headers,
    body: { error: 'RecordInvalid', description: 'Record validation errors', details: '{details}' },
    source: REQUESTS,
    checked,
  },
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
