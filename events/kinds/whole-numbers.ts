import { trimBlanks } from './blanks';

/** Of a number that is read from text. */
export const MAX_DIGITS = 400;

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

/** NaN and Infinity as text: .NET writes them for an average of nothing, browsers for an invalid number; JSON has no such number. */
const NO_NUMBER = /^(NaN|[+-]?(Infinity|∞))$/;
export const isNoNumber = (text: string): boolean => NO_NUMBER.test(text);

interface Parts {
  readonly sign: string;
  readonly whole: string;
  readonly fraction: string;
}

export function plainNumber(text: string): Parts | undefined {
  const [found, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(trimBlanks(text)) ?? [];
  return found === undefined ? undefined : { sign, whole, fraction };
}

export function decimalText({ sign, whole, fraction }: Parts): string {
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
