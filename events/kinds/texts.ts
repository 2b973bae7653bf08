import { z } from 'zod';
import { isBlank, trimBlanks } from './blanks';
import { canonicalId, EMPTY_GUID } from './guid';
import { nullable } from './kind';
import type { Reading } from './reading';
import { integerText, isNoNumber } from './whole-numbers';

const MAX_ID_LENGTH = 255;

const textSchema = z.string().min(1);
const TEXT_EXPECTED = 'expected text';

/** A number or a truth value is read as its text, as .NET does; a text that shows nothing is none. */
function readText(value: unknown, reading: Reading): string | null | undefined {
  if (typeof value === 'string') return isBlank(value) ? null : reading.clean(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined;
}

/** A text that a person wrote, as it is. */
export const text = nullable({
  label: 'text',
  wire: 'Text',
  schema: textSchema,
  expected: TEXT_EXPECTED,
  read: readText,
});

/** A text that was entered into a field: a name, an address, a choice. It is compared and looked up, so blanks at its ends are left out. */
export const entry = nullable({
  label: 'text without blanks at its ends',
  wire: 'Entry',
  schema: textSchema,
  expected: TEXT_EXPECTED,
  read: (value, reading) => readText(typeof value === 'string' ? trimBlanks(value) : value, reading),
});

const ID_EXPECTED = `expected an id: a whole number or text of at most ${MAX_ID_LENGTH} characters`;
const idSchema = z.string().min(1).max(MAX_ID_LENGTH);

function readId(value: unknown, reading: Reading): string | null | undefined {
  if (typeof value !== 'string') {
    const digits = integerText(value);
    return digits === '0' ? null : digits && digits.length <= MAX_ID_LENGTH ? digits : undefined;
  }
  const id = reading.clean(canonicalId(value));
  if (id === '' || id === EMPTY_GUID || isNoNumber(id) || integerText(id) === '0') return null;
  return id.length <= MAX_ID_LENGTH ? id : undefined;
}

/** An id that the seed declares as text. Ids are compared as text everywhere. */
export const textId = nullable({
  label: 'id',
  wire: 'Id',
  schema: idSchema,
  expected: `expected an id: text of at most ${MAX_ID_LENGTH} characters or a whole number`,
  isId: true,
  read: readId,
});

/** An id that the seed declares as `int` or `long`; 0 is none. Text inside, for longs beyond 2^53 and GUIDs. */
export const id = nullable({
  label: 'id',
  wire: 'Id',
  schema: idSchema,
  expected: ID_EXPECTED,
  isId: true,
  read: readId,
});

/** An id of which 0 is one, too, as of an address. */
export const idOrZero = nullable({
  label: 'id, also 0',
  wire: 'Id',
  schema: idSchema,
  expected: ID_EXPECTED,
  isId: true,
  read: (value, reading) => (integerText(value) === '0' ? '0' : readId(value, reading)),
});
