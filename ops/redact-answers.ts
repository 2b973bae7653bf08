import type { HttpExchange } from '../activities/http/exchange';
import { parseJson } from '../activities/http/parse-json';

/** A service's answer to one request, without secrets, people, addresses and ids; `{name}` stands for each of them. */
export interface RecordedAnswer {
  readonly method: string;
  /** With its query, decoded. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON, or text. */
  readonly body: unknown;
}

const HEADERS = [
  'content-type',
  'location',
  'ratelimit-limit',
  'ratelimit-remaining',
  'retry-after',
  'sforce-limit-info',
  'x-idempotency-lookup',
  'x-rate-limit',
  'x-rate-limit-remaining',
];

/** Values that are words of the vendor. Any other text is left out. */
const VENDORS_WORDS =
  /^(code|error|error_?code|extraTypeInfo|keyPrefix|objectType|QualifiedApiName|referenceTo|relationshipName|result_type|role|scope|soapType|state|status|statusCode|ticket_restriction|token_type|type|Default\w+Access|SobjectType|\w*SharingModel)$/i;
/** Sentences of a refusal, which may quote values. A record has a description and a title, too: those are left out. */
const SENTENCES = /^(message|description|error_description|title)$/i;
const REFUSALS = ['code', 'error', 'error_description', 'errorCode', 'message'];
const SECRETS = /token|secret|password|signature|session|cookie|assertion|credential/i;
/** Values that name a person. They are looked for in sentences, too. */
const NAMES = /name|email|alias|login/i;
const MOST_NAMES = 5_000;
const IDS = /^ids?$|_ids?$|Ids?$/;
const PEOPLES_NUMBERS = /phone|mobile|fax|zip|postal|latitude|longitude/i;
/** Parts of a configuration that name a person or an address. */
const IDENTIFYING = /subdomain|endpoint|clientId|username|email|url|host|audience/i;

const LONGEST_TEXT = 500;

/**
 * @param known configuration and secrets of the connection: their values are replaced everywhere; numbers and ids of the configuration
 *   stay, as they name no person
 */
export function redactAnswers(
  exchanges: readonly HttpExchange[],
  known: { readonly config: unknown; readonly secrets: unknown },
): RecordedAnswer[] {
  const configured = new Set(JSON.stringify(known.config).match(/\d+/g) ?? []);
  const secrets = textsOf(known.secrets);
  const identifying = textsOf(known.config).filter(([, name]) => IDENTIFYING.test(name));
  const given = replacements([...secrets, ...identifying]);
  const people = new Map<string, string>();

  const clean = (text: string): string =>
    given(text)
      .replace(/https?:\/\/[\w.:[\]-]+/g, '{origin}')
      .replace(/[^\s"'<>(){},;:=/?&]+@[^\s"'<>(){},;:=/?&]+/g, '{email}')
      .replace(/\b(?:[\w-]+\.)+(?:com|net|org|io|mil|force|salesforce|zendesk)\b/gi, '{host}')
      .replace(/\b(?=\w*\d\w*\d)[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\b/g, '{id}')
      .replace(/\b(?=[\w!+.-]*\d)[\w!+.-]{24,}(?![\w}])/g, '{token}')
      .replace(/\b\d{4,}\b/g, (digits) => (configured.has(digits) ? digits : '{id}'));
  /** Of a service. Names are not looked for in our requests: there they are words like any other, such as a rule called "Case". */
  const cleanSentence = (text: string): string =>
    quoted(replacements(people)(clean(text)))
      .replace(/\+?\b\d(?:[ ().-]*\d){6,}/g, '{number}')
      .slice(0, LONGEST_TEXT);

  const redact = (value: unknown, name: string, holder: object): unknown => {
    if (Array.isArray(value)) return value.map((one) => redact(one, name, holder));
    if (typeof value === 'object' && value !== null) return redactObject(value);
    if (typeof value === 'number') return redactNumber(value, name);
    return typeof value === 'string' && value !== '' ? redactText(value, name, holder) : value;
  };

  const redactObject = (value: object): unknown =>
    Object.fromEntries(Object.entries(value).map(([key, one]) => [wordOr(key, 'key'), redact(one, key, value)]));

  const redactText = (text: string, name: string, holder: object): string => {
    if (SECRETS.test(name) && name !== 'token_type') return '{token}';
    if (/^https?:\/\/[^/]+\/?$/.test(text)) return '{origin}';
    const isField = 'createable' in holder && name === 'name';
    if (VENDORS_WORDS.test(name) || isField) return /^[\w.-]+$/.test(text) ? given(text) : cleanSentence(text);
    if (SENTENCES.test(name) && REFUSALS.some((one) => one in holder)) return cleanSentence(text);
    if (NAMES.test(name) && people.size < MOST_NAMES) people.set(text, wordOr(name, 'name'));
    return `{${wordOr(name, 'text')}}`;
  };

  const redactNumber = (value: number, name: string): unknown => {
    if (configured.has(String(value))) return value;
    if (IDS.test(name)) return '{id}';
    return PEOPLES_NUMBERS.test(name) ? 0 : value;
  };

  const redactBody = (body: string): unknown => {
    const json = parseJson(body);
    if (json !== undefined) return redact(json, 'value', {});
    return /<[a-z!]/i.test(body) ? '<html>{text}</html>' : cleanSentence(body);
  };

  // Twice: a name of the last answer may be in a text of the first.
  const redactAll = (): RecordedAnswer[] =>
    exchanges.map(({ method, url, status, headers, body }) => ({
      method,
      path: clean(pathOf(url)),
      status,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, value]) =>
          HEADERS.includes(name) ? [[name, name === 'location' ? clean(decoded(value)) : given(value)]] : [],
        ),
      ),
      body: redactBody(body),
    }));
  redactAll();
  return redactAll();
}

function pathOf(url: string): string {
  const { pathname, searchParams } = new URL(url);
  return pathAndQuery(pathname, searchParams);
}

/** The placeholder in a recorded answer. */
export function pathAndQuery(pathname: string, query: URLSearchParams): string {
  const pairs = [...query].map(([name, value]) => `${name}=${value}`);
  return [decodeURIComponent(pathname), ...(pairs.length > 0 ? [pairs.join('&')] : [])].join('?');
}

/** The vendor's words before a value that it refuses and quotes, as Salesforce has them in English. */
const QUOTES = [
  /(data value too large: ).*(?= \(max length)/gs,
  /(picklist field: |email address: |VALUE_STRING value )\S.*/gs,
];

const quoted = (text: string): string => QUOTES.reduce((left, one) => left.replace(one, '$1{text}'), text);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '{location}';
  }
}

const wordOr = (name: string, otherwise: string): string => (/^[A-Za-z_]\w{0,60}$/.test(name) ? name : otherwise);

/** Longest first, so that no part of one is left. Very short values are left alone: they are in many words. */
function replacements(names: Iterable<readonly [string, string]>): (text: string) => string {
  const all = [...names].filter(([one]) => one.length > 2).toSorted(([a], [b]) => b.length - a.length);
  return (text) => all.reduce((left, [one, name]) => left.replaceAll(one, `{${name}}`), text);
}

function textsOf(value: unknown, name = 'value'): [string, string][] {
  if (typeof value === 'string') return [[value, name]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => textsOf(one, Array.isArray(value) ? name : key));
}
