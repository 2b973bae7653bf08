import { DeliveryFailure, type FailureType } from '../../failures';
import { readRetryAfter, type HttpAnswer } from '../../http/call';

interface Verdict {
  readonly type: FailureType;
  readonly advice: string;
}

const again: Verdict = { type: 'Unavailable', advice: 'it is tried again' };
const later: Verdict = { type: 'RateLimited', advice: 'its limit is reached; it is asked again later' };
const credentials: Verdict = {
  type: 'ConnectionBroken',
  advice: 'the account is refused; mend the connection with `ops connections mend`',
};
const permission: Verdict = {
  type: 'Rejected',
  advice: "the connection's user may not do this; allow it in Zendesk, then redrive",
};
const data: Verdict = {
  type: 'Rejected',
  advice: 'the ticket is refused; correct the mapping or the Zendesk account, then redrive',
};
const tooLarge: Verdict = { type: 'Rejected', advice: 'the file or the ticket is too large; discard the delivery' };
const reused: Verdict = {
  type: 'Rejected',
  advice:
    'another request had the same key, and no ticket has it; redrive two hours after the first try, when Zendesk forgets keys',
};
const noAccount: Verdict = { type: 'InvalidConfig', advice: 'there is no such account; correct `subdomain`' };
const redirect: Verdict = {
  type: 'InvalidConfig',
  advice: 'it sends us elsewhere, which is refused, no token is sent there; correct `subdomain` or `endpoint`',
};

/** All others of 4xx are refusals of the ticket, of 5xx are tried again, as 52x of Cloudflare in front of it. */
const byStatus: Readonly<Record<number, Verdict>> = {
  401: credentials,
  403: permission,
  408: again,
  409: again,
  413: tooLarge,
  425: again,
  429: later,
};

const REUSED = 'IdempotentRequestError';

function judge(status: number, code: string | undefined): Verdict {
  if (status >= 300 && status < 400) return redirect;
  if (status >= 500 || status < 300) return again;
  if (code === REUSED) return reused;
  // Zendesk names what it does not find; where there is no account, a page of HTML says so.
  if (status === 404 && code === undefined) return noAccount;
  return byStatus[status] ?? data;
}

/** Thrown for every answer that is no success. */
export class ZendeskRefusal extends DeliveryFailure {
  readonly status: number;
  readonly isKeyReused: boolean;

  constructor({ status, headers, body }: HttpAnswer) {
    const { code, fields } = readError(body);
    const { type, advice } = judge(status, code);
    const where = fields.length > 0 ? ` (${fields.join(', ')})` : '';
    super(type, `Zendesk answers ${[status, code].filter(Boolean).join(' ')}${where}: ${advice}.`, {
      details: { status, ...(code !== undefined && { error: code }), ...(fields.length > 0 && { fields }) },
      retryAfterMs: readRetryAfter(headers['retry-after']),
    });
    this.status = status;
    this.isKeyReused = code === REUSED;
  }
}

/** The account itself is refused: nothing else would be answered either. */
export function accountRefused(why: string, status: number): DeliveryFailure {
  const message = `Zendesk ${why}; mend the connection with \`ops connections mend\`.`;
  return new DeliveryFailure('ConnectionBroken', message, { details: { status } });
}

/** A 2xx that is not what Zendesk answers: something between us and it has answered, or only half of it has come. */
export function malformed(status: number): DeliveryFailure {
  const message = `Zendesk answers ${status}, but not what it should: it is tried again.`;
  return new DeliveryFailure('Unavailable', message, { details: { status, code: 'MALFORMED' } });
}

const MOST_FIELDS = 10;

/** Zendesk's code word and the names of fields of an error; nothing of its text, which may quote data. */
function readError(body: string): { code: string | undefined; fields: string[] } {
  const { error, details } = (parseJson(body) ?? {}) as { error?: unknown; details?: unknown };
  const names = typeof details === 'object' && details !== null ? Object.keys(details) : [];
  return {
    code: typeof error === 'string' && /^[A-Za-z]{1,60}$/.test(error) ? error : undefined,
    fields: names.filter((name) => /^\w{1,60}$/.test(name)).slice(0, MOST_FIELDS),
  };
}

/** @returns undefined when it is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const becomes = ({ type, advice }: Verdict): string => `\`${type}\`: ${advice}`;

/** For docs/consumers.md. */
export const zendeskAnswers: readonly (readonly [string, string])[] = [
  ['401; 403 when asked who signs in; 200 for an anonymous user or an end user', becomes(credentials)],
  ['429', `${becomes(later)}, not before its \`Retry-After\``],
  [
    '408, 409, 425, 5xx, 52x, no connection, no whole answer, a 2xx without a ticket',
    `${becomes(again)}, not before its \`Retry-After\``,
  ],
  ['403', becomes(permission)],
  ['413', becomes(tooLarge)],
  [`400 \`${REUSED}\``, `the ticket that has the key is looked for; else ${becomes(reused)}`],
  ['404 without an error of Zendesk', becomes(noAccount)],
  ['3xx', becomes(redirect)],
  ['any other 4xx, such as 422 `RecordInvalid`', becomes(data)],
  [
    'none asked: the address is not public, or not https on port 443 or 8443',
    '`InvalidConfig`: correct `endpoint`, or have it allowed',
  ],
];
