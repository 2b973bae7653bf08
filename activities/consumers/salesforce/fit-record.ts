import { readAsciiAddress } from '../../../events/address';
import { cutText } from '../../../events/cut-text';
import { isBlank } from '../../../events/kinds/blanks';
import { truthOf } from '../../../events/kinds/numbers';
import { oneLine } from '../../../events/readable-text';
import { DeliveryFailure } from '../../failures';
import type { FieldDescription, ObjectDescription } from './describe';
import type { Values } from './read-order';

/** A record as it can be written, and the values that did not fit. */
export interface Fitted {
  readonly body: Readonly<Record<string, string | number | boolean>>;
  /** Whole texts of the fields that were cut. */
  readonly cut: Readonly<Record<string, string>>;
  /** Fields whose value Salesforce would refuse, and that half of it would not be: an address, a number or a date that is none. */
  readonly leftOut: readonly string[];
}

/** The end of texts that were cut. */
const MARK = '… [cut]';

/** Never part of a body: the path names the record and its kind. */
const NEVER = ['id', 'attributes'];

/**
 * Values as the object's fields take them: by the names that Salesforce uses, of the right kind, not too long.
 *
 * @param defaults written where no value is given and the org has the field
 * @throws DeliveryFailure Rejected that names the given fields which the connection's user cannot write
 */
export function fitRecord(
  { name: object, fields }: ObjectDescription,
  access: 'createable' | 'updateable',
  given: Values,
  defaults: Readonly<Record<string, string | null>> = {},
): Fitted {
  const body: Record<string, string | number | boolean> = {};
  const cut: Record<string, string> = {};
  const leftOut = new Set<string>();
  const put = (field: FieldDescription, text: string): void => {
    const value = withoutReferences(ONE_LINE.includes(field.type) ? oneLine(text) : text);
    const fitted = convert(field, value);
    // Anything may be entered; one bad value would have the whole record refused.
    if (fitted === null) return void leftOut.add(field.name);
    body[field.name] = fitted;
    if (CUTTABLE.includes(field.type) && fitted !== value) cut[field.name] = value;
  };
  const missing: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (NEVER.includes(name.toLowerCase())) continue;
    const field = fields.get(name.toLowerCase());
    if (field?.[access]) put(field, value);
    else missing.push(name);
  }
  if (missing.length > 0) throw unknownFields(object, missing);
  for (const [name, value] of Object.entries(defaults)) {
    const field = fields.get(name.toLowerCase());
    if (value !== null && !isBlank(value) && field?.[access] && !(field.name in body)) put(field, value);
  }
  return { body, cut, leftOut: [...leftOut] };
}

/** The address as Salesforce takes it, in ASCII; null for none, and for one that is too long. */
function addressFor({ length }: FieldDescription, text: string): string | null {
  const address = readAsciiAddress(text);
  return address !== null && (length === 0 || address.length <= length) ? address : null;
}

/** Null for none, and for one that the field has no room for. */
function numberFor({ precision, scale }: FieldDescription, text: string): number | null {
  const number = text.trim() === '' ? NaN : Number(text);
  const isInside = precision === 0 || Math.abs(number) < 10 ** (precision - scale);
  return Number.isFinite(number) && isInside ? number : null;
}

function wholeNumberFor(field: FieldDescription, text: string): number | null {
  const number = numberFor(field, text);
  const most = field.type === 'int' ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
  return number !== null && Number.isInteger(number) && Math.abs(number) <= most ? number : null;
}

/** The day, also of a time. */
function dateFor(_: FieldDescription, text: string): string | null {
  const [day] = /^\d{4}-\d\d-\d\d(?=$|T)/.exec(text.trim()) ?? [];
  const at = new Date(`${day}T00:00:00Z`);
  return day !== undefined && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) ? day : null;
}

const TIME_OF_DAY = /T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

const dateTimeFor = (field: FieldDescription, text: string): string | null =>
  dateFor(field, text) !== null && TIME_OF_DAY.test(text.trim()) ? text.trim() : null;

type Reader = (field: FieldDescription, text: string) => string | number | boolean | null;

/** By type of field, for those that hold no text. */
const readers: Readonly<Record<string, Reader>> = {
  boolean: (_, text) => truthOf(text) ?? null,
  email: addressFor,
  int: wholeNumberFor,
  long: wholeNumberFor,
  double: numberFor,
  currency: numberFor,
  percent: numberFor,
  date: dateFor,
  datetime: dateTimeFor,
};
/** Fields of one line: several lines become one. */
const ONE_LINE = ['string', 'phone', 'combobox', 'encryptedstring'];
const CUTTABLE = [...ONE_LINE, 'textarea'];

/** Null for a value that the field cannot hold. */
function convert(field: FieldDescription, value: string): string | number | boolean | null {
  const { type, length } = field;
  const read = readers[type];
  if (read !== undefined) return read(field, value);
  if (length === 0) return value;
  if (CUTTABLE.includes(type)) return cutToField(value, length);
  return value.length <= length ? value : null; // half an address of a page, or of a choice, is another one
}

/**
 * Nothing that a composite request would take for a reference to another part of it: `@{target.id}` in a visitor's words would
 * become that id, `@{x}` would have all refused. There is no escape. Source: Composite Subrequest, developer.salesforce.com.
 */
export const withoutReferences = (text: string): string => text.replaceAll('@{', '@ {');

/** At most `length` UTF-16 units, ending with a mark where something is left out. */
export const cutToField = (text: string, length: number): string => cutText(text, length, 'units', MARK);

function unknownFields(object: string, names: readonly string[]): DeliveryFailure {
  const shown = names.filter((name) => /^\w{1,80}$/.test(name));
  const message = `The connection's user cannot write ${shown.join(', ') || 'a field'} of ${object}: allow it, or correct the name; then redrive.`;
  return new DeliveryFailure('Rejected', message, { details: { code: 'INVALID_FIELD', object, fields: shown } });
}
