import { trimBlanks } from './blanks';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d)?)?$/i;
const MICROSOFT = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
/** .NET's DateTime.MinValue in any zone, the default of a field that was never set; and MaxValue, which means never. */
const NEVER_SET_BEFORE = Date.parse('0001-01-03T00:00:00Z');
const NEVER_FROM = Date.parse('9999-12-30T00:00:00Z');
const END = Date.parse('+010000-01-01T18:00:00Z');

/** The moment as ISO text; null for none, undefined for a value that is no time. */
export function readTime(value: unknown): string | null | undefined {
  const text = typeof value === 'string' ? trimBlanks(value) : null;
  if (text === '') return null;
  const ms = value instanceof Date ? value.getTime() : millisecondsOf(text ?? '');
  if (!(ms <= END)) return undefined;
  return ms < NEVER_SET_BEFORE || ms >= NEVER_FROM ? null : new Date(ms).toISOString();
}

function millisecondsOf(text: string): number {
  const microsoft = MICROSOFT.exec(text);
  if (microsoft) return Number(microsoft[1]);
  const iso = text.length <= 64 ? ISO.exec(text) : null;
  if (!iso) return NaN;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', , sign, hours, minutes] = iso;
  if (Number(day) > daysIn(Number(year), Number(month))) return NaN;
  const local = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`,
  );
  const offset = sign ? (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) : 0;
  return Math.abs(offset) <= 18 * 60 ? local - offset * 60_000 : NaN;
}

/** Date.parse takes 30 February for 2 March. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}
