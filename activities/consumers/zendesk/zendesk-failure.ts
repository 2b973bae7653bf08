import { DeliveryFailure } from '../../failures';
import type { HttpAnswer } from '../../http/call';
import { oauthRefusals } from '../../http/oauth-refusals';
import { parseJson } from '../../http/parse-json';
import { readRetryAfter } from '../../http/retry-after';
import { codes, reasons, REUSED, statuses, verdicts, type Verdict } from './zendesk-codes';

/** The subject of a request: the account, one ticket that is there, or the sign-in. */
type About = 'account' | 'ticket' | 'signIn';

function judge(status: number, code: string | undefined, about: About): Verdict {
  if (status >= 300 && status < 400) return verdicts.redirect;
  const isSignIn = about === 'signIn';
  if (!isSignIn && code !== undefined && Object.hasOwn(codes, code)) return verdicts[codes[code] ?? 'again'];
  if (status >= 500 || status < 300) return verdicts.again;
  if (isSignIn && code !== undefined) return verdicts[oauthRefusals.includes(code) ? 'credentials' : 'again'];
  // Kept from one ticket, or for a reason of its own, the user may still write others.
  if (status === 403 && (about === 'ticket' || code?.startsWith('Record'))) return verdicts.forbidden;
  // Zendesk names the record that it does not find; where there is no account, it answers with a page of HTML.
  if (status === 404 && code === undefined) return verdicts.noAccount;
  return verdicts[statuses[status] ?? (isSignIn ? 'again' : 'data')];
}

/** Thrown for every answer that is no success. */
export class ZendeskRefusal extends DeliveryFailure {
  readonly status: number;
  readonly isKeyReused: boolean;
  /** The user may not do it, or not from here; Zendesk does not say which. */
  readonly isOfUser: boolean;

  constructor({ status, headers, body }: HttpAnswer, about: About = 'account') {
    const { code, fields, why } = readError(body);
    const verdict = judge(status, code, about);
    const { type, advice } = verdict;
    const places = fields.map((field) => [field, why[field]?.join(' and ')].filter(Boolean).join(': '));
    const where = places.length > 0 ? ` (${places.join(', ')})` : '';
    super(type, `Zendesk answers ${[status, code].filter(Boolean).join(' ')}${where}: ${advice}.`, {
      details: {
        status,
        ...(code !== undefined && { error: code }),
        ...(fields.length > 0 && { fields }),
        ...(Object.keys(why).length > 0 && { reasons: why }),
      },
      retryAfterMs: readRetryAfter(headers),
    });
    this.status = status;
    this.isKeyReused = code === REUSED;
    this.isOfUser = verdict === verdicts.permission;
  }
}

/** The account itself is refused: nothing else would be answered either. */
export function accountRefused(why: string, status: number): DeliveryFailure {
  const message = `Zendesk ${why}; mend the connection with \`ops connections mend\`.`;
  return new DeliveryFailure('ConnectionBroken', message, { details: { status } });
}

/** A 2xx that no Zendesk gives: a proxy between us and it has answered, or only half of the answer has come. */
export function malformed(status: number): DeliveryFailure {
  const message = `Zendesk answers ${status} with a body that Zendesk does not give: it is tried again.`;
  return new DeliveryFailure('Unavailable', message, { details: { status, code: 'MALFORMED' } });
}

const MOST_FIELDS = 10;

interface ReadError {
  readonly code: string | undefined;
  readonly fields: readonly string[];
  /** Zendesk's reasons, by field. */
  readonly why: Readonly<Record<string, readonly string[]>>;
}

const isWord = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z_]{1,60}$/.test(value);
const isTitle = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z ]{1,60}$/.test(value);

/** Zendesk's words and the names of fields of an error; nothing of its texts, which may quote data. */
function readError(body: string): ReadError {
  const { error, details } = (parseJson(body) ?? {}) as { error?: unknown; details?: unknown };
  const { title } = (typeof error === 'object' && error !== null ? error : {}) as { title?: unknown };
  const code = isWord(error) ? error : isTitle(title) ? title : undefined;
  const entries = typeof details === 'object' && details !== null ? Object.entries(details) : [];
  const named = entries.filter(([name]) => /^\w{1,60}$/.test(name)).slice(0, MOST_FIELDS);
  const why = named
    .map(([name, problems]) => [name, reasonsOf(problems)] as const)
    .filter(([, found]) => found.length > 0);
  return { code, fields: named.map(([name]) => name), why: Object.fromEntries(why) };
}

function reasonsOf(problems: unknown): string[] {
  const found = [problems].flat().flatMap((problem: unknown) => {
    const { error, description } = (typeof problem === 'object' && problem !== null ? problem : {}) as {
      error?: unknown;
      description?: unknown;
    };
    if (isWord(error)) return [error];
    return reasons.find(([text]) => typeof description === 'string' && text.test(description))?.[1] ?? [];
  });
  return [...new Set(found)];
}
