import type { FailureType } from '../../failures';
import { oauthRefusals } from '../../http/oauth-refusals';

/** The meaning of an answer: the failure of the delivery, and what to do. */
export interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

const MEND = 'then mend the connection with `ops connections mend`';

export const verdicts = {
  again: { type: 'Unavailable', advice: 'it is tried again' },
  later: { type: 'RateLimited', advice: 'its limit is reached; it is asked again later' },
  credentials: {
    type: 'ConnectionBroken',
    advice: 'the account is refused; mend the connection with `ops connections mend`',
  },
  scope: { type: 'ConnectionBroken', advice: `the token lacks the scope "read write": give another one, ${MEND}` },
  inactive: {
    type: 'ConnectionBroken',
    advice: `the account is suspended, or has no active plan of Zendesk Support: have that changed, ${MEND}`,
  },
  permission: {
    type: 'ConnectionBroken',
    advice: `the user may not do this, or not from here: mind its role and the account's IP restrictions, ${MEND}`,
  },
  forbidden: {
    type: 'Rejected',
    advice: "the connection's user may not do this with that ticket; allow it in Zendesk, then redrive",
  },
  data: { type: 'Rejected', advice: 'the ticket is refused; correct the mapping or the Zendesk account, then redrive' },
  tooLarge: { type: 'Rejected', advice: 'the file or the ticket is too large; discard the delivery' },
  reused: {
    type: 'Rejected',
    advice:
      'another request had the same key, and no ticket has it; redrive two hours after the first try, when Zendesk forgets keys',
  },
  noAccount: { type: 'InvalidConfig', advice: 'there is no such account; correct `subdomain`' },
  redirect: {
    type: 'InvalidConfig',
    advice: 'it sends us elsewhere, which is refused, no token is sent there; correct `subdomain` or `endpoint`',
  },
} as const satisfies Record<string, Verdict>;

export type VerdictName = keyof typeof verdicts;

export const REUSED = 'IdempotentRequestError';

/**
 * By Zendesk's word for the error, with any status of 4xx or 5xx. Source: developer.zendesk.com "Requests" (errors), "OAuth tokens";
 * answers of accounts without an active plan as other projects have met them.
 */
export const codes: Readonly<Record<string, VerdictName>> = {
  [REUSED]: 'reused',
  DatabaseConflict: 'again',
  TooManyJobs: 'later',
  unavailable: 'again', // the search says so
  invalid_token: 'credentials',
  insufficient_scope: 'scope',
  SupportProductInactive: 'inactive',
  AccountSuspended: 'inactive',
  AccountNotFound: 'noAccount',
};

/** By status, where the word says nothing. All others of 4xx are refusals of the ticket, of 5xx pass, as 52x of Cloudflare. */
export const statuses: Readonly<Record<number, VerdictName>> = {
  401: 'credentials',
  402: 'inactive',
  403: 'permission',
  408: 'again',
  409: 'again',
  413: 'tooLarge',
  421: 'again',
  423: 'again', // the account is being moved
  425: 'again',
  429: 'later',
};

/** Zendesk's reasons in a refused record, where it gives its text only. Quotations in a text are not kept. */
export const reasons: readonly (readonly [text: RegExp, reason: string])[] = [
  [/ is suspended\.?$/i, 'UserSuspended'],
  [/cannot be blank|can't be blank|is required/i, 'BlankValue'],
  [/is not properly formatted|is invalid/i, 'InvalidFormat'],
  [/too long|is too big/i, 'TooLong'],
  [/file (type|extension)/i, 'FileType'],
];

const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;
const named = (name: VerdictName): string =>
  [
    ...Object.entries(statuses).flatMap(([status, one]) => (one === name ? [status] : [])),
    ...Object.entries(codes).flatMap(([code, one]) => (one === name ? [`\`${code}\``] : [])),
  ].join(', ');

/** For docs/consumers.md. */
export const zendeskAnswers: readonly (readonly [string, string])[] = [
  [
    `${named('credentials')}; 403 when asked who signs in; 200 for an anonymous user or an end user`,
    becomes(verdicts.credentials),
  ],
  [`sign-in: ${oauthRefusals.map((code) => `\`${code}\``).join(', ')}`, becomes(verdicts.credentials)],
  ['sign-in: any other answer', becomes(verdicts.again)],
  ['401 for an access token of an OAuth client', 'one new sign-in; then the first line'],
  [named('scope'), becomes(verdicts.scope)],
  [named('inactive'), becomes(verdicts.inactive)],
  [named('later'), `${becomes(verdicts.later)}, not before its \`Retry-After\``],
  [
    `${named('again')}, any other 5xx, 52x, no connection, no whole answer, a 2xx without a ticket`,
    `${becomes(verdicts.again)}, not before its \`Retry-After\``,
  ],
  ['403 for one ticket that is there, or with a word such as `RecordInvalid`', becomes(verdicts.forbidden)],
  [`any other ${named('permission')}`, becomes(verdicts.permission)],
  [
    '400, 413, 415 or 422 for a file; 403 for one where the user is an agent still',
    'the ticket is opened without that file, whose name stands in an internal note; the receipt says `filesRefused`',
  ],
  [named('tooLarge'), becomes(verdicts.tooLarge)],
  [`400 \`${REUSED}\``, `the ticket that has the key is looked for; else ${becomes(verdicts.reused)}`],
  [`404 without an error of Zendesk, ${named('noAccount')}`, becomes(verdicts.noAccount)],
  ['3xx', becomes(verdicts.redirect)],
  [
    'any other 4xx, such as 422 `RecordInvalid`',
    `${becomes(verdicts.data)}. The details name its fields and Zendesk's reasons, such as \`UserSuspended\``,
  ],
  [
    'none asked: the address is not public, or not https on port 443 or 8443',
    '`InvalidConfig`: correct `endpoint`, or have it allowed',
  ],
];
