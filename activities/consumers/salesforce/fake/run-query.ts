import { refusal } from './api-error';
import { instantOf, type Stored, type Value } from './check-values';
import { readId } from './ids';
import type { FakeField } from './field';
import type { FakeObject } from './objects';
import type { Org } from './org';
import { setupTable } from './setup';
import { parseSoql, queryError, type Condition, type Query, type Token } from './soql';
import { fold, objectNameOf, type Store } from './store';

export type Row = Readonly<Record<string, unknown>>;

/** What a query answers with, of what the user sees. Throws MALFORMED_QUERY, INVALID_FIELD and INVALID_TYPE. */
export function runQuery(store: Store, org: Org, text: string, base: string): readonly Row[] {
  const query = parseSoql(text);
  const { object, records } = sourceOf(query, store, org);
  const fields = query.fields.map((token) => fieldOf(query, object, token));
  const twice = query.fields.find((token, i) => fields.indexOf(fieldOf(query, object, token)) < i);
  if (twice) throw queryError(text, twice.at, `duplicate field selected: ${twice.text}`);
  const matches = query.where === undefined ? () => true : compile(query, object, query.where);
  const found = records.filter(({ values }) => matches(values));
  const sorted = query.orderBy.reduceRight((records, order) => sort(records, query, object, order), found);
  return sorted.slice(0, query.limit).map((record) => rowOf(record, fields, base));
}

type Queried = FakeObject<string>;
type Found = Pick<Stored, 'id' | 'values'> & { readonly type: string };

function sourceOf({ text, from }: Query, store: Store, org: Org): { object: Queried; records: readonly Found[] } {
  const type = objectNameOf(from.text);
  if (type !== undefined) return { object: store.objects[type], records: store.visible(type) };
  const setup = setupTable(from.text, org);
  if (setup === undefined) {
    throw queryError(text, from.at, `sObject type '${from.text}' is not supported.`, 'INVALID_TYPE');
  }
  const { object, rows } = setup;
  return { object, records: rows.map((values) => ({ type: object.name, id: '', values })) };
}

function fieldOf({ text, from }: Query, object: Queried, token: Token): FakeField {
  const field = object.field(token.text);
  if (field) return field;
  const message = `No such column '${token.text}' on entity '${from.text}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.`;
  throw queryError(text, token.at, message, 'INVALID_FIELD');
}

function rowOf({ type, id, values }: Found, fields: readonly FakeField[], base: string): Row {
  const url = `${base}/sobjects/${type}/${id}`;
  const shown = fields.map((field) => {
    if (field.type === 'base64') return [field.name, `${url}/${field.name}`];
    return [field.name, values[field.name] ?? null];
  });
  return { attributes: { type, url }, ...Object.fromEntries(shown) };
}

type Matcher = (values: Stored['values']) => boolean;

function compile(query: Query, object: Queried, condition: Condition): Matcher {
  if (condition.kind === 'not') {
    const part = compile(query, object, condition.part);
    return (values) => !part(values);
  }
  if (condition.kind !== 'compare') {
    const parts = condition.parts.map((part) => compile(query, object, part));
    return condition.kind === 'and'
      ? (values) => parts.every((part) => part(values))
      : (values) => parts.some((part) => part(values));
  }
  const { operator } = condition;
  const field = fieldOf(query, object, condition.field);
  if (!field.filterable) {
    throw refusal(400, 'INVALID_FIELD', `field '${field.name}' can not be filtered in a query call`);
  }
  const wanted = condition.values.map((token) =>
    operator === 'LIKE' ? null : comparable(field, literal(field, token)),
  );
  const [first = null] = wanted;
  const pattern = operator === 'LIKE' ? likeOf(field, condition.values[0]) : undefined;
  return (values) => {
    const value = comparable(field, values[field.name] ?? null);
    if (operator === '=') return value === first;
    if (operator === '!=') return value !== first;
    if (operator === 'IN') return wanted.includes(value);
    if (value === null) return false;
    if (pattern) return pattern.test(String(value));
    if (first === null) return false;
    if (operator === '<') return value < first;
    if (operator === '<=') return value <= first;
    return operator === '>' ? value > first : value >= first;
  };
}

const kinds: Readonly<Record<string, readonly Token['kind'][]>> = {
  boolean: ['word'],
  int: ['number'],
  double: ['number'],
  currency: ['number'],
  date: ['date'],
  datetime: ['datetime'],
};

/** The value that a token stands for, if the field can be compared with it. */
function literal({ name, type }: FakeField, { kind, text, chars }: Token): Value {
  if (kind === 'word' && text.toUpperCase() === 'NULL') return null;
  if (!(kinds[type] ?? ['string']).includes(kind)) {
    const quoted = kind === 'string' ? 'should not' : 'must';
    const message = `value of filter criterion for field '${name}' must be of type ${type} and ${quoted} be enclosed in quotes`;
    throw refusal(400, 'INVALID_FIELD', message);
  }
  if (type === 'boolean') return text.toUpperCase() === 'TRUE';
  if (kind === 'number') return Number(text);
  if (kind !== 'string') return text;
  const read = chars.map(([char]) => char).join('');
  if (type !== 'id' && type !== 'reference') return read;
  const id = readId(read);
  if (id === undefined) throw refusal(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${read}`);
  return id;
}

/** Text is compared without regard to case; times by the instant. Blank text is no value. */
function comparable({ type, caseSensitive }: FakeField, value: Value): Value {
  if (value === '') return null;
  if (type === 'datetime' && typeof value === 'string') return instantOf(value);
  return caseSensitive || type === 'id' || type === 'reference' ? value : fold(value);
}

function likeOf({ name, type }: FakeField, token: Token | undefined): RegExp {
  if (token?.kind !== 'string' || kinds[type] || type === 'id' || type === 'reference') {
    throw refusal(400, 'INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${type} field '${name}'`);
  }
  const parts = token.chars.map(([char, isEscaped]) => {
    if (!isEscaped && char === '%') return '.*';
    return !isEscaped && char === '_' ? '.' : char.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('')}$`, 'isu');
}

function sort(records: readonly Found[], query: Query, object: Queried, order: Query['orderBy'][number]): Found[] {
  const field = fieldOf(query, object, order.field);
  if (!field.sortable) {
    throw queryError(query.text, order.field.at, `field '${field.name}' can not be sorted in a query call`);
  }
  const valueOf = ({ values }: Found): Value => comparable(field, values[field.name] ?? null);
  const known = records.filter((record) => valueOf(record) !== null);
  const unknown = records.filter((record) => valueOf(record) === null);
  const direction = order.isDescending ? -1 : 1;
  const sorted = known.toSorted((a, b) => {
    const [x, y] = [valueOf(a) ?? 0, valueOf(b) ?? 0];
    return x === y ? 0 : x < y ? -direction : direction;
  });
  return order.nullsLast ? [...sorted, ...unknown] : [...unknown, ...sorted];
}
