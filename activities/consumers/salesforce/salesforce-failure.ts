import type { HttpAnswer } from '../../http/call';
import { parseJson } from '../../http/parse-json';
import { readHttpDate, readRetryAfter } from '../../http/retry-after';
import { DeliveryFailure } from '../../failures';
import {
  findVerdict,
  restCodes,
  restStatuses,
  SIGN_IN_PASSES,
  signInCodes,
  verdicts,
  type Verdict,
} from './salesforce-codes';

/** A record that a duplicate rule matched. */
export interface Match {
  readonly type: string;
  readonly id: string;
  /** Whether the record is known to have that address, in any case. A function, so that no log shows addresses. */
  readonly hasEmail: (address: string) => boolean;
}

/** One error of an answer, without its text: that may quote data. */
export interface SalesforceError {
  readonly code: string;
  /** Fields that it names. */
  readonly fields: readonly string[];
  /** Records that a duplicate rule matched, and that something can be attached to. */
  readonly matches: readonly Match[];
  /** The duplicate rule only warns: the same may be saved in spite of it. */
  readonly mayBeSaved: boolean;
  /** The record that has the value of a unique field already, and the custom fields that the text names. */
  readonly duplicateOf: { readonly id: string; readonly fields: readonly string[] } | null;
  readonly isQuotaOfTheDay: boolean;
  /** A trigger or a rule has failed for a moment. */
  readonly passes: boolean;
  /** The token server asks for the same again. */
  readonly mayBeRetried: boolean;
  /** The token server says that the assertion came too late or too early. */
  readonly isOutOfTime: boolean;
  /** The app itself may not use the API: no new token helps. */
  readonly isForGood: boolean;
}

interface RefusalOptions {
  readonly retryAfterMs?: number | undefined;
  /** Default: that of the REST API. */
  readonly judge?: Judge;
  readonly serverTime?: number | undefined;
}

/** Thrown for every answer that is no success. */
export class SalesforceRefusal extends DeliveryFailure {
  readonly status: number;
  readonly errors: readonly SalesforceError[];
  /** The answer's `Date`, in milliseconds since 1970. */
  readonly serverTime: number | undefined;

  constructor(status: number, errors: readonly SalesforceError[], options: RefusalOptions = {}) {
    const { judge = judgeAnswer, retryAfterMs = 0, serverTime } = options;
    const verdict = judge(status, errors);
    const ownDelayMs = verdict === verdicts.later ? limitDelayMs(errors) : 0;
    const codes = errors.map(({ code }) => code);
    const fields = [...new Set(errors.flatMap((one) => one.fields))];
    const what = [...new Set(codes)].join(', ') || `status ${status}`;
    const where = fields.length > 0 ? ` (${fields.join(', ')})` : '';
    super(verdict.type, `Salesforce answers ${what}${where}: ${verdict.advice}.`, {
      details: { status, ...(codes.length > 0 && { errorCodes: codes }), ...(fields.length > 0 && { fields }) },
      retryAfterMs: Math.max(retryAfterMs, ownDelayMs) || undefined,
    });
    this.status = status;
    this.errors = errors;
    this.serverTime = serverTime;
  }

  get isForGood(): boolean {
    return this.errors.some(({ isForGood }) => isForGood);
  }

  has(code: string): boolean {
    return this.errors.some((error) => error.code === code);
  }
}

const limitDelayMs = (errors: readonly SalesforceError[]): number =>
  errors.some(({ isQuotaOfTheDay }) => isQuotaOfTheDay) ? QUOTA_DELAY_MS : CONCURRENT_DELAY_MS;

const CONCURRENT_DELAY_MS = 5_000;
const QUOTA_DELAY_MS = 30 * 60_000;

type Judge = (status: number, errors: readonly SalesforceError[]) => Verdict;

/** Of an answer of the REST API. */
const judgeAnswer: Judge = (status, errors) => {
  const known = restStatuses[status];
  if (status >= 300 && status < 400) return known === undefined ? verdicts.elsewhere : verdicts[known];
  if (errors.some(({ passes }) => passes)) return verdicts.again;
  const verdict = findVerdict(
    restCodes,
    errors.map(({ code }) => code),
  );
  if (verdict !== undefined) return verdict;
  return status >= 500 || status < 300 ? verdicts.again : verdicts[known ?? 'data'];
};

/** Of an answer of the token server: only a refusal of the account breaks the connection. */
const judgeSignIn: Judge = (status, errors) => {
  if (status >= 300 && status < 400) return verdicts.elsewhere;
  if (status === 429) return verdicts.later;
  if (status >= 500 || errors.some(({ mayBeRetried }) => mayBeRetried)) return verdicts.signInAgain;
  const verdict = findVerdict(
    signInCodes,
    errors.map(({ code }) => code),
  );
  return verdict ?? verdicts.signInAgain;
};

/** The meaning of an answer that is no success. */
export function refusalOf({ status, headers, body }: HttpAnswer, isSignIn: boolean): SalesforceRefusal {
  return new SalesforceRefusal(status, readErrors(parseJson(body)), {
    judge: isSignIn ? judgeSignIn : judgeAnswer,
    retryAfterMs: readRetryAfter(headers),
    serverTime: readHttpDate(headers['date'] ?? ''),
  });
}

/** Salesforce's words on 401 where signing in again does not help. */
const FOR_GOOD = ['Connected app is not attached to Agent', 'This session is not valid for use with the REST API'];

/** In the text of an error of the customer's own code: harmless, if a visitor wrote it into a chat. */
const PASSING = ['UNABLE_TO_LOCK_ROW', 'INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE'];

const OUT_OF_TIME = /expire|validity|not yet valid/i;

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
        ...readMatches(one),
        duplicateOf: code === 'DUPLICATE_VALUE' ? readDuplicate(text) : null,
        isQuotaOfTheDay: text.includes('TotalRequests'),
        passes: PASSING.some((word) => text.includes(word)),
        mayBeRetried: SIGN_IN_PASSES.test(text),
        isOutOfTime: OUT_OF_TIME.test(text),
        isForGood: FOR_GOOD.some((phrase) => text.includes(phrase)),
      },
    ];
  });
}

/** "duplicate value found: ChatPipelineKey__c duplicates value on record with id: 500...", in any language. */
function readDuplicate(text: string): SalesforceError['duplicateOf'] {
  const id = text.match(/\b\d\w{14}(?:\w{3})?\b/g)?.at(-1);
  return id === undefined ? null : { id, fields: text.match(/\b[A-Za-z]\w*__c\b/g) ?? [] };
}

interface MatchRecord {
  readonly record?: { readonly Id?: unknown; readonly Email?: unknown; readonly IsConverted?: unknown };
}

/** Salesforce spells the key `duplicateResut` in most answers. A record's fields are there where the request asks for details. */
function readMatches(error: object): Pick<SalesforceError, 'matches' | 'mayBeSaved'> {
  const { duplicateResut, duplicateResult } = error as Record<string, unknown>;
  const result = (duplicateResut ?? duplicateResult) as { matchResults?: unknown; allowSave?: unknown } | undefined;
  const matches = listOf(result?.matchResults).flatMap((one) => {
    const { entityType, matchRecords } = one as { entityType?: unknown; matchRecords?: unknown };
    return listOf(matchRecords).flatMap((match): Match[] => {
      const { Id: id, Email: email, IsConverted: isConverted } = (match as MatchRecord).record ?? {};
      // A lead that is converted takes no task any more.
      if (typeof id !== 'string' || typeof entityType !== 'string' || isConverted === true) return [];
      const known = typeof email === 'string' ? email.toLowerCase() : null;
      return [{ type: entityType, id, hasEmail: (address) => address.toLowerCase() === known }];
    });
  });
  return { matches, mayBeSaved: result?.allowSave === true };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
