import type { HttpAnswer } from '../../http/call';
import { readRetryAfter } from '../../http/call';
import { DeliveryFailure, type FailureType } from '../../failures';

/** One error of an answer, without its text: that may quote data. */
export interface SalesforceError {
  readonly code: string;
  /** Fields that it names. */
  readonly fields: readonly string[];
  /** Ids of records that a duplicate rule matched, with their kinds. */
  readonly matches: readonly { readonly type: string; readonly id: string }[];
  readonly isQuotaOfTheDay: boolean;
  readonly isLocked: boolean;
  /** The app itself may not use the API: no new token helps. */
  readonly isForGood: boolean;
}

/** Thrown for every answer that is no success. */
export class SalesforceRefusal extends DeliveryFailure {
  readonly status: number;
  readonly errors: readonly SalesforceError[];

  constructor(status: number, errors: readonly SalesforceError[], retryAfterMs?: number) {
    const verdict = judge(status, errors);
    const codes = errors.map(({ code }) => code);
    const fields = [...new Set(errors.flatMap((one) => one.fields))];
    const what = [...new Set(codes)].join(', ') || `status ${status}`;
    const where = fields.length > 0 ? ` (${fields.join(', ')})` : '';
    super(verdict.type, `Salesforce answers ${what}${where}: ${verdict.advice}.`, {
      details: { status, ...(codes.length > 0 && { errorCodes: codes }), ...(fields.length > 0 && { fields }) },
      retryAfterMs: Math.max(retryAfterMs ?? 0, verdict.retryAfterMs ?? 0) || undefined,
    });
    this.status = status;
    this.errors = errors;
  }

  get isForGood(): boolean {
    return this.errors.some(({ isForGood }) => isForGood);
  }

  has(code: string): boolean {
    return this.errors.some((error) => error.code === code);
  }
}

interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
  readonly retryAfterMs?: number;
}

const again: Verdict = { type: 'Unavailable', advice: 'it is tried again' };
const credentials: Verdict = {
  type: 'ConnectionBroken',
  advice: 'the account is refused; mend the connection with `ops connections mend`',
};
const disabled: Verdict = {
  type: 'ConnectionBroken',
  advice: 'the org lets nobody use its API; mend the connection when that is changed',
};
const data: Verdict = {
  type: 'Rejected',
  advice: 'the record is refused; correct the mapping, the permissions or the org, then redrive',
};
const later: Verdict = { type: 'RateLimited', advice: 'its limit is reached; it is asked again later' };
const wrongPlace: Verdict = {
  type: 'InvalidConfig',
  advice: 'it sends us elsewhere, where no credentials go; correct `loginUrl`',
};
const retired: Verdict = { type: 'InvalidConfig', advice: 'that version is retired; raise `apiVersion`' };

/** By Salesforce's error code, whatever the status; OAuth's are in lower case. Source: REST error codes, OAuth error codes. */
const byCode: Readonly<Record<string, Verdict>> = {
  ...Object.fromEntries(
    ['UNABLE_TO_LOCK_ROW', 'SERVER_UNAVAILABLE', 'UNKNOWN_EXCEPTION', 'QUERY_TIMEOUT'].map((code) => [code, again]),
  ),
  ...Object.fromEntries(['API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED'].map((code) => [code, disabled])),
  ...Object.fromEntries(
    ['INVALID_SESSION_ID', 'INVALID_LOGIN', 'INVALID_AUTH_HEADER', 'inactive_user', 'inactive_org'].map((code) => [
      code,
      credentials,
    ]),
  ),
  ...Object.fromEntries(
    ['invalid_grant', 'invalid_client', 'invalid_client_id', 'invalid_app_access', 'unauthorized_client'].map(
      (code) => [code, credentials],
    ),
  ),
  REQUEST_LIMIT_EXCEEDED: later,
  rate_limit_exceeded: later,
};

/** By status, where the code says nothing. All others of 4xx are refusals of the record. */
const byStatus: Readonly<Record<number, Verdict>> = {
  401: credentials,
  408: again,
  410: retired,
  420: again,
  425: again,
  429: later,
};

const CONCURRENT_DELAY_MS = 5_000;
const QUOTA_DELAY_MS = 30 * 60_000;

function judge(status: number, errors: readonly SalesforceError[]): Verdict {
  if (status >= 300 && status < 400) return status === 300 ? data : wrongPlace;
  if (status >= 500 || status < 300) return again;
  if (errors.some(({ isLocked }) => isLocked)) return again;
  const verdicts = errors.flatMap(({ code }) => byCode[code] ?? []);
  const verdict = verdicts[0] ?? byStatus[status] ?? data;
  if (verdict !== later) return verdict;
  const isOfTheDay = errors.some(({ isQuotaOfTheDay }) => isQuotaOfTheDay);
  return { ...later, retryAfterMs: isOfTheDay ? QUOTA_DELAY_MS : CONCURRENT_DELAY_MS };
}

/** What an answer that is no success means. */
export function refusalOf({ status, headers, body }: HttpAnswer): SalesforceRefusal {
  return new SalesforceRefusal(status, readErrors(parseJson(body)), readRetryAfter(headers['retry-after']));
}

/** Salesforce's words on 401 where signing in again does not help. */
const FOR_GOOD = ['Connected app is not attached to Agent', 'This session is not valid for use with the REST API'];

/** Errors as the REST API, a part of a composite answer, or the token endpoint writes them. */
export function readErrors(body: unknown): SalesforceError[] {
  return [body].flat().flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null) return [];
    const { errorCode, error, message, error_description: description, fields } = one as Record<string, unknown>;
    const code = errorCode ?? error;
    if (typeof code !== 'string' || !/^\w{1,80}$/.test(code)) return [];
    const text = [message, description].filter((one) => typeof one === 'string').join(' ');
    return [
      {
        code,
        fields: Array.isArray(fields) ? fields.filter((name) => /^\w{1,80}$/.test(String(name))).map(String) : [],
        matches: readMatches(one),
        isQuotaOfTheDay: text.includes('TotalRequests'),
        isLocked: text.includes('UNABLE_TO_LOCK_ROW'),
        isForGood: FOR_GOOD.some((phrase) => text.includes(phrase)),
      },
    ];
  });
}

interface Match {
  readonly record?: { readonly Id?: unknown; readonly attributes?: { readonly type?: unknown } };
}

/** Salesforce spells the key `duplicateResut` in most answers. */
function readMatches(error: object): SalesforceError['matches'] {
  const { duplicateResut, duplicateResult } = error as Record<string, unknown>;
  const result = (duplicateResut ?? duplicateResult) as { readonly matchResults?: unknown } | undefined;
  return listOf(result?.matchResults).flatMap((one) => {
    const { entityType, matchRecords } = one as { entityType?: unknown; matchRecords?: unknown };
    return listOf(matchRecords).flatMap((match) => {
      const id = (match as Match).record?.Id;
      return typeof id === 'string' && typeof entityType === 'string' ? [{ type: entityType, id }] : [];
    });
  });
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;

/** For docs/consumers.md. */
export const salesforceAnswers: readonly (readonly [string, string])[] = [
  ['401, `INVALID_SESSION_ID`', 'a new sign-in, twice at most for one delivery; then the next line'],
  ['401 again; `invalid_grant`, `invalid_client`, `inactive_user` and the like', becomes(credentials)],
  ['`API_DISABLED_FOR_ORG`, `API_CURRENTLY_DISABLED`', becomes(disabled)],
  [
    '429, `REQUEST_LIMIT_EXCEEDED`',
    `${becomes(later)}: after 5 s, or half an hour where the quota of the day is used up`,
  ],
  ['408, 420, 425, 5xx, `UNABLE_TO_LOCK_ROW`, no connection, no whole answer', becomes(again)],
  ['3xx', becomes(wrongPlace)],
  ['410', becomes(retired)],
  ['any other 4xx, such as `REQUIRED_FIELD_MISSING` or a validation rule', becomes(data)],
  ['no contact or lead for a task', '`Rejected` with `SF_TARGET_NOT_FOUND`: create it, then redrive'],
];
