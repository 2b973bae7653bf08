import type { FailureType } from '../../failures';
import { oauthRefusals } from '../../http/oauth-refusals';

/** The meaning of an answer: the failure of the delivery, and what to do. */
export interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

const MEND = 'then mend the connection with `ops connections mend`';
const broken = (advice: string): Verdict => ({ type: 'ConnectionBroken', advice });

export const verdicts = {
  again: { type: 'Unavailable', advice: 'it is tried again' },
  later: { type: 'RateLimited', advice: 'its limit is reached; it is asked again later' },
  credentials: broken('the account is refused; mend the connection with `ops connections mend`'),
  password: broken(`the password of the user has expired or is locked: let it never expire, ${MEND}`),
  restricted: broken(`login hours, IP ranges or an identity check keep the user out: allow the user in, ${MEND}`),
  client: broken(`the user may not use the app: allow it, ${MEND}`),
  disabled: broken(`the API is switched off for the org or the user: switch it on, ${MEND}`),
  locked: broken(`the org is locked, or its trial has ended: have it opened, ${MEND}`),
  storage: broken(`the storage of the org is full: free some, ${MEND}`),
  licence: broken(`a licence is missing or used up: give the user one, ${MEND}`),
  readOnly: broken(`the user may only read: let the user write, ${MEND}`),
  data: {
    type: 'Rejected',
    advice: 'the record is refused; correct the mapping, the permissions or the org, then redrive',
  },
  unseen: {
    type: 'Rejected',
    advice:
      'the user does not see the record that it writes to, such as a lead that an assignment rule has given away, or an account: give the user View All Records there, then redrive',
  },
  elsewhere: {
    type: 'InvalidConfig',
    advice: 'it sends us elsewhere, where no credentials go; correct `loginUrl`',
  },
  retired: { type: 'InvalidConfig', advice: 'that version is retired; raise `apiVersion`' },
  signInAgain: { type: 'Unavailable', advice: 'the sign-in is tried again; if it stays so, correct `loginUrl`' },
} as const satisfies Record<string, Verdict>;

export type VerdictName = keyof typeof verdicts;
type Codes = Partial<Record<VerdictName, readonly string[]>>;

/**
 * By Salesforce's error code, with any status; a code that is not here goes by its status. Source: ExceptionCode (API faults)
 * and StatusCode (errors of a record) of the partner WSDL; the REST guide's "Status Codes and Error Responses".
 */
export const restCodes: Codes = {
  again: [
    'UNABLE_TO_LOCK_ROW',
    'SERVER_UNAVAILABLE',
    'UNKNOWN_EXCEPTION',
    'QUERY_TIMEOUT',
    'REQUEST_RUNNING_TOO_LONG',
    'API_CURRENTLY_DISABLED', // "because of a system problem": it passes
    'FUNCTIONALITY_TEMPORARILY_UNAVAILABLE',
    'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE', // read-only mode, about twice a year
    'ORG_IN_MAINTENANCE',
    'ORG_NOT_OWNED_BY_INSTANCE', // the org has moved; the next sign-in names its instance
    'SSO_SERVICE_DOWN',
    'ALREADY_IN_PROCESS',
    'RECORD_IN_USE_BY_WORKFLOW',
    'TERRITORY_REALIGN_IN_PROGRESS',
  ],
  later: ['REQUEST_LIMIT_EXCEEDED', 'TOO_MANY_APEX_REQUESTS'],
  credentials: ['INVALID_SESSION_ID', 'INVALID_LOGIN', 'INVALID_AUTH_HEADER', 'INVALID_CLIENT'],
  password: ['INVALID_OPERATION_WITH_EXPIRED_PASSWORD', 'PASSWORD_LOCKOUT'],
  restricted: [
    'LOGIN_DURING_RESTRICTED_DOMAIN',
    'LOGIN_DURING_RESTRICTED_TIME',
    'LOGIN_MUST_USE_SECURITY_TOKEN',
    'LOGIN_CHALLENGE_ISSUED',
    'LOGIN_CHALLENGE_PENDING',
  ],
  client: [
    'CLIENT_NOT_ACCESSIBLE_FOR_USER',
    'CLIENT_REQUIRE_UPDATE_FOR_USER',
    'UNSUPPORTED_CLIENT',
    'INACTIVE_PORTAL',
    'PORTAL_NO_ACCESS',
  ],
  disabled: ['API_DISABLED_FOR_ORG'], // also where the user or the user's licence has no API
  locked: ['ORG_LOCKED', 'TRIAL_EXPIRED'],
  storage: ['STORAGE_LIMIT_EXCEEDED', 'EXCEEDED_QUOTA'],
  licence: ['LICENSE_LIMIT_EXCEEDED', 'PACKAGE_LICENSE_REQUIRED'],
  readOnly: ['INVALID_READ_ONLY_USER_DML'],
  unseen: ['INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY'],
  retired: ['UNSUPPORTED_API_VERSION'],
};

/** By status, where the code says nothing. All others of 4xx are refusals of the record, 3xx send elsewhere, the rest passes. */
export const restStatuses: Readonly<Record<number, VerdictName>> = {
  300: 'data', // several records have that value of an external id
  401: 'credentials',
  408: 'again',
  410: 'retired',
  420: 'again',
  421: 'again', // the server does not serve that org
  425: 'again',
  429: 'later',
};

/**
 * By OAuth's error code: the refusals of the token server that are about the account. Anything else passes, such as `unknown_error` with "retry your
 * request". Source: Salesforce Help "OAuth 2.0 Authorization Errors"; RFC 6749 section 5.2.
 */
export const signInCodes: Codes = {
  credentials: [...oauthRefusals, 'invalid_client_id', 'invalid_client_credentials', 'inactive_user'],
  client: ['invalid_app_access', 'app_not_found'],
  locked: ['inactive_org'],
  later: ['rate_limit_exceeded'],
};

/** Texts of a temporary error, with any code. */
export const SIGN_IN_PASSES = /retry your request|already being processed/i;

/** The verdict that a table has for the first of the codes it knows. */
export function findVerdict(table: Codes, codes: readonly string[]): Verdict | undefined {
  for (const code of codes) {
    const found = Object.entries(table).find(([, listed]) => listed.includes(code));
    if (found !== undefined) return verdicts[found[0] as VerdictName]; // keys of the table are names of verdicts
  }
  return undefined;
}

const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;
const quoted = (codes: readonly string[] = []): string => codes.map((code) => `\`${code}\``).join(', ');
const rowsOf = (table: Codes, names: readonly VerdictName[]) =>
  names.map((name) => [quoted(table[name]), becomes(verdicts[name])] as const);

/** For docs/consumers.md. */
export const salesforceAnswers: readonly (readonly [string, string])[] = [
  ['401, `INVALID_SESSION_ID`', 'a new sign-in, twice at most for one delivery; then the next line'],
  [`401 again, ${quoted(restCodes.credentials)}`, becomes(verdicts.credentials)],
  ...rowsOf(restCodes, [
    'password',
    'restricted',
    'client',
    'disabled',
    'locked',
    'storage',
    'licence',
    'readOnly',
    'unseen',
  ]),
  [
    `429, ${quoted(restCodes.later)}`,
    `${becomes(verdicts.later)}: after 5 s, or half an hour where the quota of the day is used up`,
  ],
  [
    `408, 420, 421, 425, any other 5xx, no connection, no whole answer, ${quoted(restCodes.again)}`,
    `${becomes(verdicts.again)}, with a new sign-in where the org may have moved`,
  ],
  [
    '3xx, 404',
    'a new sign-in, once a minute: if it names another instance, that is asked; else the next lines. Where it says nothing of ' +
      "Salesforce's and the minute is not over, `Unavailable` until then, at no cost",
  ],
  ['3xx again', becomes(verdicts.elsewhere)],
  [`410, ${quoted(restCodes.retired)}`, becomes(verdicts.retired)],
  ['any other 4xx, such as `REQUIRED_FIELD_MISSING` or a validation rule', becomes(verdicts.data)],
  ['no contact or lead for a task', '`Rejected` with `SF_TARGET_NOT_FOUND`: create it, then redrive'],
  ...rowsOf(signInCodes, ['credentials', 'client', 'locked', 'later']).map(
    ([codes, becoming]) => [`sign-in: ${codes}`, becoming] as const,
  ),
  [
    '`invalid_grant` for `jwtBearer`, while the clock of the worker is wrong by the `Date` of the answer',
    "signed once more by Salesforce's time, with a warning in the log; if that is refused as expired, `Unavailable`, at no cost",
  ],
  ['sign-in: any other answer, such as `unknown_error`, 5xx or HTML', becomes(verdicts.signInAgain)],
];
