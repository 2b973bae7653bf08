import type { Assumption } from './assumption';

const API = 'https://developer.zendesk.com/api-reference';
const HELP = 'https://support.zendesk.com/hc/en-us/articles';

export const zendeskAssumptions: readonly Assumption[] = [
  {
    fact: 'API tokens: none can be created since 27 October 2026 (accounts made since 28 July 2026 never could), one unused for 30 days is switched off, none is taken after 30 April 2027.',
    source: `https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/; ${HELP}/9182123625370; ${HELP}/10212201463962`,
    basis: 'documented',
  },
  {
    fact: 'OAuth clients sign in by client_credentials at /oauth/tokens. Access tokens of clients made after 30 April 2026 last 30 minutes by default, 5 minutes to 48 hours; refresh tokens 30 days, 7 to 90. A refresh ends both tokens before it.',
    source: `${API}/ticketing/oauth/grant_type_tokens/; https://github.com/zendesk/zendesk_api_client_rb (README)`,
    basis: 'documented',
  },
  {
    fact: 'Asked for /users/me, wrong credentials may be answered with 200 and the user "Anonymous user", or with 401.',
    source:
      'https://github.com/blakmatrix/node-zendesk/issues/152; https://github.com/Speedygeek/ZendeskApi_v2/issues/505',
    basis: 'reported',
  },
  {
    fact: 'The user that creates a ticket is its requester where no requester is named, and the author of the first comment is its submitter.',
    source: `${API}/ticketing/tickets/tickets/#requesters-and-submitters`,
    basis: 'documented',
  },
  {
    fact: 'A public ticket by an agent fires the standard trigger "Notify requester of new proactive ticket", on in newer accounts, which mails the comment to the requester.',
    source: `${HELP}/4408828984346; ${HELP}/4408887368986`,
    basis: 'documented',
  },
  {
    fact: 'Placeholder suppression keeps the text of a ticket out of mails only where an end user has created it.',
    source: `${HELP}/4408833443226`,
    basis: 'documented',
  },
  {
    fact: 'Triggers for requesters ask for a public ticket or comment: an internal note sends no mail.',
    source: `${HELP}/4408828984346; https://github.com/nukosuke/go-zendesk/blob/master/fixture/GET/triggers.json`,
    basis: 'documented',
  },
  {
    fact: 'Where "Also send a verification email when a new user is created by an agent or administrator" is on, a new requester is sent Zendesk\'s own text. Whether the API counts as an agent is not said.',
    source: `${HELP}/4408824350746`,
    basis: 'open',
  },
  {
    fact: 'Light agents (role_type 1, only_private_comments) write internal notes only, and make no users in the interface.',
    source: `${API}/ticketing/users/users/; ${HELP}/4408846501402`,
    basis: 'documented',
  },
  {
    fact: 'external_id need not be unique; GET tickets?external_id lists all that have it.',
    source: `${API}/ticketing/tickets/tickets/#list-tickets`,
    basis: 'documented',
  },
  {
    fact: 'Tickets that have been closed for 120 days are archived, sooner in accounts with very many, after three days in sandboxes: no list shows them, every other endpoint does, the search too.',
    source: `${HELP}/4408887617050, quoted in https://github.com/zammad/zammad/issues/558; ${API}/ticketing/ticket-management/search/#export-search-results`,
    basis: 'documented',
  },
  {
    fact: 'The search finds a ticket by type:ticket external_id:VALUE, within minutes of its creation.',
    source: `${API}/ticketing/ticket-management/search/; used so by https://github.com/sagemathinc/cocalc`,
    basis: 'reported',
  },
  {
    fact: 'A search that cannot be completed is answered with the error "unavailable".',
    source: `${API}/ticketing/ticket-management/search/#errors-json-format`,
    basis: 'documented',
  },
  {
    fact: 'An Idempotency-Key of at most 255 characters is remembered for two hours; x-idempotency-lookup says hit or miss; another body under it is 400 IdempotentRequestError.',
    source: `${API}/ticketing/introduction/#idempotency`,
    basis: 'documented',
  },
  { fact: 'The answer to a request whose key is in use at that moment.', source: 'not found', basis: 'open' },
  {
    fact: 'Limits are those of the account, 200 to 2,500 requests a minute by plan; x-rate-limit and x-rate-limit-remaining say how many; 429 comes with Retry-After in seconds, in plain text.',
    source: `${API}/introduction/rate-limits/`,
    basis: 'documented',
  },
  {
    fact: 'Creating tickets has a limit of its own, below that of the account, which is not published.',
    source: 'https://support.zendesk.com/hc/en-us/community/posts/4588596383514',
    basis: 'reported',
  },
  {
    fact: 'An uploaded file can be used for 60 minutes; older copies of the documents say three days.',
    source: `${HELP}/4408887057946; ${API}/ticketing/tickets/ticket-attachments/`,
    basis: 'documented',
  },
  {
    fact: 'Whether a ticket with an upload that has expired is refused (422), or opened without it.',
    source: 'not found',
    basis: 'open',
  },
  {
    fact: 'File types that the account does not allow are refused for uploads by the API as well.',
    source: `${HELP}/4408887057946; https://github.com/facetoe/zenpy/issues/464`,
    basis: 'reported',
  },
  {
    fact: 'A comment holds 64 kilobytes.',
    source: `${API}/ticketing/tickets/ticket_comments/`,
    basis: 'documented',
  },
  {
    fact: 'Custom fields take text: "true" for a check box, a tag for a drop-down, 2026-11-20 for a date.',
    source: `${API}/ticketing/tickets/ticket_fields/`,
    basis: 'documented',
  },
  { fact: 'A suspended requester refuses the ticket (422).', source: 'not found', basis: 'open' },
];
