import { z } from 'zod';
import { isBlank, trimBlanks } from './blanks';
import { nullable } from './kind';
import { decimalText, integerText, isNoNumber, MAX_DIGITS, plainNumber } from './whole-numbers';

function isNone(value: unknown): boolean {
  return typeof value === 'string' && (isBlank(value) || isNoNumber(trimBlanks(value)));
}

function int32(value: unknown): number | null | undefined {
  if (isNone(value)) return null;
  const number = Number(integerText(value) ?? NaN);
  return Number.isInteger(number) && Math.abs(number + 0.5) < 2 ** 31 ? number : undefined;
}

/** The seed's `int` where it is a number. */
export const int = nullable({
  label: 'whole number',
  wire: 'Numeric',
  schema: z.int32(),
  expected: 'expected a whole number of 32 bits',
  read: int32,
});

/** The seed's `int` where 0 means none. */
export const intOrNone = nullable({
  label: 'whole number, 0 is none',
  wire: 'Numeric',
  schema: z.int32(),
  expected: 'expected a whole number of 32 bits',
  read: (value) => {
    const number = int32(value);
    return number === 0 ? null : number;
  },
});

/** The seed's `double`. */
export const double = nullable({
  label: 'number',
  wire: 'Numeric',
  schema: z.number(),
  expected: 'expected a number',
  read(value) {
    return isNone(value) ? null : numberOf(value);
  },
});

/** Money: the seed's `double`, kept as decimal text so that nothing rounds it again. */
export const decimal = nullable({
  label: 'decimal number as text',
  wire: 'Numeric',
  schema: z.string().regex(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/),
  expected: 'expected a decimal number',
  read(value) {
    if (isNone(value)) return null;
    if (typeof value === 'string' && value.length <= MAX_DIGITS) {
      const parts = plainNumber(value);
      if (parts) return decimalText(parts);
    }
    const number = numberOf(value);
    return number === undefined ? undefined : expanded(number);
  },
});

/** Texts of a check box, in any case. */
export const TRUE = ['true', '1', 'yes', 'y', 'on', 't', 'checked'];
export const FALSE = ['false', '0', 'no', 'n', 'off', 'f', 'unchecked'];

/** The state of a check box by its text; undefined for an unknown text. */
export function truthOf(text: string): boolean | undefined {
  const word = trimBlanks(text).toLowerCase();
  return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined;
}

/** The seed's `bool`: also "True", 0, 1, and the values that forms send for a check box. */
export const bool = nullable({
  label: 'true or false',
  wire: 'Truth',
  schema: z.boolean(),
  expected: 'expected true or false',
  read(value) {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string') return isBlank(value) ? null : truthOf(value);
    return truthOf(integerText(value) ?? '');
  },
});

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return numberOf(value.toString());
  if (typeof value === 'string') {
    const text = trimBlanks(value);
    if (text.length > MAX_DIGITS || !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
    return numberOf(Number(text));
  }
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined;
}

/** Exact decimal digits of the shortest text of a number: `1e-7` -> `0.0000001`. */
function expanded(number: number): string {
  const [, sign = '', first = '0', rest = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(number)) ?? [];
  const digits = first + rest;
  const point = first.length + Number(exponent);
  if (point <= 0) return decimalText({ sign, whole: '0', fraction: '0'.repeat(-point) + digits });
  return decimalText({ sign, whole: digits.slice(0, point).padEnd(point, '0'), fraction: digits.slice(point) });
}
