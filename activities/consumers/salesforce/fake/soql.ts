import { refusal } from './api-error';

export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'date' | 'datetime' | 'symbol' | 'end';
  readonly text: string;
  readonly at: number;
  /** Of a string: its characters, and whether a backslash stood before them. */
  readonly chars: readonly (readonly [char: string, isEscaped: boolean])[];
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | { readonly kind: 'compare'; readonly field: Token; readonly operator: string; readonly values: readonly Token[] };

export interface Query {
  readonly text: string;
  readonly fields: readonly Token[];
  readonly from: Token;
  readonly where: Condition | undefined;
  readonly orderBy: readonly { readonly field: Token; readonly isDescending: boolean; readonly nullsLast: boolean }[];
  readonly limit: number;
}

const patterns = [
  ['datetime', /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)/y],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /[+-]?\d+(?:\.\d+)?/y],
  ['word', /[A-Za-z][\w.]*/y],
  ['symbol', /<=|>=|!=|<>|[=<>(),]/y],
] as const;

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** As Salesforce says where in a query something is wrong. */
export function queryError(text: string, at: number, message: string, errorCode = 'MALFORMED_QUERY') {
  const excerpt = text.slice(Math.max(0, at - 60), at + 20);
  return refusal(400, errorCode, `\n${excerpt}\n^\nERROR at Row:1:Column:${at + 1}\n${message}`);
}

function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const skip = (): void => void (at += /^\s*/.exec(text.slice(at))?.[0].length ?? 0);
  for (skip(); at < text.length; skip()) {
    const token = text.charAt(at) === "'" ? readString(text, at) : readPlain(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  return [...tokens, { kind: 'end', text: '<EOF>', at, chars: [] }];
}

function readPlain(text: string, at: number): Token {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { kind, text: found[0], at, chars: [] };
  }
  throw queryError(text, at, `unexpected token: '${text.charAt(at)}'`);
}

/** The only reserved characters are the quote and the backslash, and a literal does not go over a line's end. */
function readString(text: string, start: number): Token {
  const chars: [string, boolean][] = [];
  let at = start + 1;
  while (text.charAt(at) !== "'") {
    const char = String.fromCodePoint(text.codePointAt(at) ?? 10);
    if (char === '\n' || char === '\r') throw queryError(text, at, 'line breaks not allowed in string literals');
    const read = char === '\\' ? readEscape(text, at) : { char, length: char.length };
    chars.push([read.char, char === '\\']);
    at += read.length;
  }
  return { kind: 'string', text: text.slice(start, at + 1), at: start, chars };
}

function readEscape(text: string, at: number): { char: string; length: number } {
  const letter = text.charAt(at + 1);
  const code = /^u[0-9a-f]{4}/i.exec(text.slice(at + 1))?.[0];
  if (code !== undefined) return { char: String.fromCharCode(Number.parseInt(code.slice(1), 16)), length: 6 };
  if (letter !== '' && `'"\\_%`.includes(letter)) return { char: letter, length: 2 };
  const char = escapes[letter.toLowerCase()];
  if (char !== undefined) return { char, length: 2 };
  throw queryError(text, at, `Illegal character sequence '\\${letter}' in string literal`);
}

/** Throws MALFORMED_QUERY. Objects and fields are not looked at. */
export function parseSoql(text: string): Query {
  const tokens = readTokens(text);
  let next = 0;
  const peek = (): Token => tokens[next] ?? fail();
  const fail = (): never => {
    const { text: found, at } = tokens[Math.min(next, tokens.length - 1)] ?? { text: '<EOF>', at: 0 };
    throw queryError(text, at, `unexpected token: '${found}'`);
  };
  const is = (word: string): boolean => peek().kind !== 'string' && peek().text.toUpperCase() === word;
  const take = (): Token => {
    const token = peek();
    next += 1;
    return token;
  };
  const accept = (...words: string[]): boolean => {
    const begin = next;
    if (words.every((word) => is(word) && take())) return true;
    next = begin;
    return false;
  };
  const expect = (word: string): void => void (accept(word) || fail());
  const taken = (kind: Token['kind']): Token => (peek().kind === kind ? take() : fail());
  const list = <T>(one: () => T): T[] => {
    const found = [one()];
    while (accept(',')) found.push(one());
    return found;
  };

  /** AND beside OR needs brackets, and so does NOT beside either. */
  function condition(): Condition {
    if (accept('NOT')) return { kind: 'not', part: simple() };
    const parts = [simple()];
    const word = is('OR') ? 'OR' : 'AND';
    while (accept(word)) parts.push(simple());
    if (is('AND') || is('OR')) fail();
    return { kind: word === 'OR' ? 'or' : 'and', parts };
  }

  function simple(): Condition {
    if (accept('(')) {
      const inner = condition();
      expect(')');
      return inner;
    }
    const field = taken('word');
    if (accept('NOT', 'IN')) return { kind: 'not', part: { kind: 'compare', field, operator: 'IN', values: inList() } };
    if (accept('IN')) return { kind: 'compare', field, operator: 'IN', values: inList() };
    const operator = ['=', '!=', '<>', '<=', '>=', '<', '>', 'LIKE'].find((one) => accept(one)) ?? fail();
    return { kind: 'compare', field, operator: operator === '<>' ? '!=' : operator, values: [value()] };
  }

  function inList(): Token[] {
    expect('(');
    const values = list(value);
    expect(')');
    return values;
  }

  function value(): Token {
    if (['symbol', 'end'].includes(peek().kind)) fail();
    if (peek().kind === 'word' && !['NULL', 'TRUE', 'FALSE'].some(is)) fail();
    return take();
  }

  expect('SELECT');
  const fields = list(() => taken('word'));
  expect('FROM');
  const from = taken('word');
  const where = accept('WHERE') ? condition() : undefined;
  const orderBy = accept('ORDER', 'BY')
    ? list(() => {
        const field = taken('word');
        const isDescending = accept('DESC') || (accept('ASC') && false);
        const nullsLast = accept('NULLS', 'LAST') || (accept('NULLS', 'FIRST') && false);
        return { field, isDescending, nullsLast };
      })
    : [];
  const limit = accept('LIMIT') ? Number(taken('number').text) : Infinity;
  if (peek().kind !== 'end') fail();
  return { text, fields, from, where, orderBy, limit };
}
