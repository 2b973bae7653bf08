import { isObject, refusal, type ErrorItem, type JsonObject } from './api-error';
import { readId } from './ids';
import type { FakeField, FieldType, ObjectName } from './field';
import { prefixOf, type FakeObject } from './objects';

export type Value = string | number | boolean | null;
export type Values = Readonly<Record<string, Value>>;

/** A record; a field without a value is not among its values. */
export interface Stored {
  readonly type: ObjectName;
  readonly id: string;
  readonly values: Values;
  readonly isDeleted: boolean;
}

/** How JSON must write a value, by type of field. Text where nothing else stands here. */
const jsonTypes: Partial<Record<FieldType, 'boolean' | 'number'>> = {
  boolean: 'boolean',
  int: 'number',
  double: 'number',
  currency: 'number',
};

const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Milliseconds since 1970, of Salesforce's own form too; NaN where it is none. */
export const instantOf = (text: string): number => Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));

/** As Salesforce writes a time: to the second. */
export const dateTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, '.000+0000');

/** The fields of a body by their true names, blanks as null. Throws INVALID_FIELD and JSON_PARSER_ERROR. */
export function readValues(object: FakeObject, body: JsonObject): Values {
  const values: Record<string, Value> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === 'attributes' && isObject(value)) continue;
    const field = object.field(name);
    if (!field) throw refusal(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
    values[field.name] = readValue(field, value);
  }
  return values;
}

function readValue(field: FakeField, value: unknown): Value {
  if (value === null) return null;
  const wanted = jsonTypes[field.type];
  if (wanted === 'boolean' && typeof value === 'boolean') return value;
  if (wanted === 'number' && typeof value === 'number') return value;
  if (wanted === undefined && typeof value === 'string') {
    const text = value.trim();
    if (text === '') return null;
    if (field.type === 'datetime' && DATE_TIME.test(text) && instantOf(text)) return dateTime(instantOf(text));
    if (field.type === 'date' && DATE.test(text) && !Number.isNaN(Date.parse(text))) return text;
    if (field.type !== 'datetime' && field.type !== 'date') return text;
  }
  const message = `Cannot deserialize instance of ${field.type} from ${kindOf(value)} value ${JSON.stringify(value)}`;
  throw refusal(400, 'JSON_PARSER_ERROR', `${message} at [line:1, column:1]`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'START_ARRAY';
  if (typeof value === 'number') return Number.isInteger(value) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT';
  return (
    { string: 'VALUE_STRING', boolean: value === true ? 'VALUE_TRUE' : 'VALUE_FALSE' }[typeof value as string] ??
    'START_OBJECT'
  );
}

/** The problems of the values of a record that is created or changed; other records are not looked at here. */
export function problemsOf(object: FakeObject, values: Values, isNew: boolean): ErrorItem[] {
  const given = object.fields.filter(({ name }) => values[name] !== undefined);
  const unwritable = given.filter((field) => !(isNew ? field.createable : field.updateable)).map(({ name }) => name);
  if (unwritable.length > 0) {
    const message =
      unwritable.includes('Id') && isNew
        ? 'cannot specify Id in an insert call'
        : `Unable to create/update fields: ${unwritable.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`;
    return [{ message, errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: unwritable }];
  }
  const missing = object.fields.filter((field) => isMissing(field, values[field.name], isNew)).map(({ name }) => name);
  if (missing.length > 0) {
    const message = `Required fields are missing: [${missing.join(', ')}]`;
    return [{ message, errorCode: 'REQUIRED_FIELD_MISSING', fields: missing }];
  }
  return given.flatMap((field) => problemOf(field, values[field.name] ?? null) ?? []);
}

function isMissing({ nillable, createable, defaultedOnCreate }: FakeField, value: Value | undefined, isNew: boolean) {
  if (nillable || !createable) return false;
  return isNew ? (value ?? null) === null && !defaultedOnCreate : value === null;
}

function problemOf(field: FakeField, value: Value): ErrorItem | undefined {
  if (typeof value !== 'string') return undefined;
  const { name, label, type, length } = field;
  const problem = (errorCode: string, message: string): ErrorItem => ({ message, errorCode, fields: [name] });
  if (type === 'reference') {
    const id = readId(value);
    const message = `${label}: id value of incorrect type: ${value}`;
    if (id === undefined) return problem('MALFORMED_ID', message);
    const isRight = field.referenceTo.some((target) => id.startsWith(prefixOf[target] ?? '?'));
    return isRight ? undefined : problem('FIELD_INTEGRITY_EXCEPTION', message);
  }
  if (type === 'base64') return BASE64.test(value) ? undefined : problem('INVALID_BASE64', `${value} is not base64`);
  if (length > 0 && value.length > length) {
    return problem('STRING_TOO_LONG', `${label}: data value too large: ${value} (max length=${length})`);
  }
  if (type === 'email' && !EMAIL.test(value)) {
    return problem('INVALID_EMAIL_ADDRESS', `${label}: invalid email address: ${value}`);
  }
  if (field.restrictedPicklist && !field.picklistValues.some((one) => one.active && one.value === value)) {
    const message = `${label}: bad value for restricted picklist field: ${value}`;
    return problem('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', message);
  }
  return undefined;
}
