import { z } from 'zod';
import { nullable } from './kind';

const MAX_DIGITS = 400;

/** `+007` -> `7`, `-0` -> `0`, `3.0` -> `3`; undefined when the text is not a whole number. Any length. */
export function canonicalInteger(text: string): string | undefined {
  const parts = plainNumber(text);
  return parts && !/[^0]/.test(parts.fraction) ? decimalText({ ...parts, fraction: '' }) : undefined;
}

/** The whole number as decimal text; undefined when the value is none. Accepts numbers, bigints and numeric text. */
export function integerText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value).toString() : undefined;
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'string' && value.length <= MAX_DIGITS ? canonicalInteger(value) : undefined;
}

function isBlank(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === '';
}

function int32(value: unknown): number | null | undefined {
  if (isBlank(value)) return null;
  const number = Number(integerText(value) ?? NaN);
  return Number.isInteger(number) && Math.abs(number + 0.5) < 2 ** 31 ? number : undefined;
}

/** The seed's `int` where it is a number. */
export const int = nullable({
  label: 'whole number',
  schema: z.int32(),
  expected: 'expected a whole number of 32 bits',
  read: int32,
});

/** The seed's `int` where 0 means none. */
export const intOrNone = nullable({
  label: 'whole number, 0 is none',
  schema: z.int32(),
  expected: 'expected a whole number of 32 bits',
  read: (value) => {
    const number = int32(value);
    return number === 0 ? null : number;
  },
});

/** The seed's `double`. NaN and the infinities, which .NET writes for an average of nothing, are none. */
export const double = nullable({
  label: 'number',
  schema: z.number(),
  expected: 'expected a number',
  read(value) {
    if (isBlank(value)) return null;
    const text = typeof value === 'string' ? value.trim() : value;
    if (typeof text === 'string' && /^(NaN|[+-]?Infinity)$/.test(text)) return null;
    if (typeof text === 'number') return Number.isFinite(text) ? text + 0 : null;
    return numberOf(text);
  },
});

/** Money: the seed's `double`, kept as decimal text so that nothing rounds it again. */
export const decimal = nullable({
  label: 'decimal number as text',
  schema: z.string().regex(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/),
  expected: 'expected a decimal number',
  read(value) {
    if (isBlank(value) || value === 'NaN' || (typeof value === 'number' && Number.isNaN(value))) return null;
    if (typeof value === 'string' && value.length <= MAX_DIGITS) {
      const parts = plainNumber(value);
      if (parts) return decimalText(parts);
    }
    const number = numberOf(value);
    return number === undefined ? undefined : expanded(number);
  },
  write: (text) => (String(Number(text)) === text ? Number(text) : text),
});

/** The seed's `bool`: also "true", "False", 0, 1. */
export const bool = nullable({
  label: 'true or false',
  schema: z.boolean(),
  expected: 'expected true or false',
  read(value) {
    if (typeof value === 'boolean') return value;
    if (isBlank(value)) return null;
    const text = typeof value === 'string' ? value.trim().toLowerCase() : integerText(value);
    if (text === 'true' || text === '1') return true;
    return text === 'false' || text === '0' ? false : undefined;
  },
});

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return numberOf(value.toString());
  if (typeof value === 'string') {
    if (value.length > MAX_DIGITS || !/^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
    return numberOf(Number(value));
  }
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined;
}

interface Parts {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
}

function plainNumber(text: string): Parts | undefined {
  const [found, sign = '', whole = '', fraction = ''] = /^\s*([+-]?)(\d+)(?:\.(\d+))?\s*$/.exec(text) ?? [];
  return found === undefined ? undefined : { sign, whole, fraction };
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

function decimalText({ sign, whole, fraction }: Parts): string {
  let end = fraction.length;
  while (end > 0 && fraction[end - 1] === '0') end--;
  const number = withoutLeadingZeros(whole) + (end > 0 ? `.${fraction.slice(0, end)}` : '');
  return sign === '-' && number !== '0' ? `-${number}` : number;
}

function withoutLeadingZeros(digits: string): string {
  let start = 0;
  while (start < digits.length - 1 && digits[start] === '0') start++;
  return digits.slice(start);
}
