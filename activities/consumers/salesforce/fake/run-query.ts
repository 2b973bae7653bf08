import { refusal } from './api-error';
import { instantOf, type Value, type Values } from './check-values';
import { readId } from './ids';
import type { FakeField } from './field';
import type { Org } from './org';
import { setupTables } from './setup-tables';
import { fold, objectNameOf, type Store } from './store';

export type Row = Readonly<Record<string, unknown>>;

const STRING = String.raw`'(?:[^'\\\n\r]|\\['"\\nrtbf])*'`;
const CONDITION = String.raw`\w+(?:=|>=| IN )(?:${STRING}|true|false|\d[\d:.TZ-]+|\(${STRING}(?:,${STRING})*\))`;
/** The only shape in which the consumer asks. */
const QUERY = new RegExp(
  `^SELECT (?<fields>[\\w,]+) FROM (?<from>\\w+)(?: WHERE (?<where>${CONDITION}(?: AND ${CONDITION})*))?` +
    String.raw`(?: ORDER BY (?<order>\w+)(?<isDescending> DESC)?)?(?: LIMIT (?<limit>\d+))?$`,
);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** The records that a query finds, of those that the user sees. Throws MALFORMED_QUERY, INVALID_FIELD and INVALID_TYPE. */
export function runQuery(store: Store, org: Org, text: string, base: string): readonly Row[] {
  const query = QUERY.exec(text)?.groups;
  if (query === undefined) throw refusal(400, 'MALFORMED_QUERY', `unexpected token: ${text}`);
  const { fields = '', from = '', where = '', order, isDescending, limit } = query;
  const source = sourceOf(from, store, org);
  const { name: type, rows } = source;
  const known = (name: string): FakeField => {
    const found = source.field(name);
    if (found !== undefined) return found;
    throw refusal(400, 'INVALID_FIELD', `No such column '${name}' on entity '${from}'.`);
  };
  const names = fields.split(',').map((name) => known(name).name);
  if (new Set(names).size < names.length) throw refusal(400, 'MALFORMED_QUERY', 'duplicate field selected');
  const conditions = [...where.matchAll(new RegExp(CONDITION, 'g'))].map(([one]) => readCondition(one, known));
  const found = rows.filter((values) => conditions.every((isMet) => isMet(values)));
  const sorted = order === undefined ? found : sort(found, known(order), isDescending !== undefined);
  return sorted.slice(0, Number(limit ?? Infinity)).map((values) => ({
    attributes: { type, url: `${base}/sobjects/${type}/${String(values['Id'] ?? '')}` },
    ...Object.fromEntries(names.map((name) => [name, values[name] ?? null])),
  }));
}

function sourceOf(from: string, store: Store, org: Org) {
  const type = objectNameOf(from);
  if (type !== undefined) return { ...store.objects[type], rows: store.visible(type).map(({ values }) => values) };
  const table = setupTables(org).find(({ name }) => name === from);
  if (table === undefined) throw refusal(400, 'INVALID_TYPE', `sObject type '${from}' is not supported.`);
  return table;
}

function readCondition(text: string, known: (name: string) => FakeField): (values: Values) => boolean {
  const [, name = '', operator, literals = ''] = /^(\w+)(=|>=| IN )(.*)$/s.exec(text) ?? [];
  const field = known(name);
  if (!field.filterable) {
    throw refusal(400, 'INVALID_FIELD', `field '${field.name}' can not be filtered in a query call`);
  }
  const wanted = (literals.match(new RegExp(STRING, 'g')) ?? [literals]).map((one) => literalOf(field, one));
  const valueOf = (values: Values): Value => comparable(field, values[field.name] ?? null);
  return operator === '>='
    ? (values) => Number(valueOf(values)) >= Number(wanted[0])
    : (values) => wanted.includes(valueOf(values));
}

/** The value that stands in a query, if the field can be compared with it. */
function literalOf(field: FakeField, text: string): Value {
  const isQuoted = text.startsWith("'");
  if (isQuoted === ['boolean', 'datetime'].includes(field.type)) {
    const must = isQuoted ? 'should not' : 'must';
    const message = `value of filter criterion for field '${field.name}' must be of type ${field.type} and ${must} be enclosed in quotes`;
    throw refusal(400, 'INVALID_FIELD', message);
  }
  if (field.type === 'boolean') return text === 'true';
  const read = text.replace(/^'|'$/g, '').replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char);
  if (field.type !== 'id' && field.type !== 'reference') return comparable(field, read);
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

function sort(rows: readonly Values[], field: FakeField, isDescending: boolean): Values[] {
  const valueOf = (values: Values) => comparable(field, values[field.name] ?? null) ?? '';
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((a, b) => (valueOf(a) === valueOf(b) ? 0 : valueOf(a) < valueOf(b) ? -sign : sign));
}
