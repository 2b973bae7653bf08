/** How a number is kept that no double can hold, such as 1e400: `{ "$number": "1e400" }`. As Infinity, JSON.stringify would make it null. */
const MARK = '$number';
export const markUnheld = (number: number | string): object => ({ [MARK]: String(number) });

/** True for such a mark, and for a number that is not finite. */
export function isUnheld(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  const marked = (value as Readonly<Record<string, unknown>>)[MARK]; // an object of JSON
  return typeof marked === 'string' && !Number.isFinite(Number(marked));
}

/**
 * Reads JSON without changing a number: integers beyond 2^53-1, such as the 64-bit ids of a chat server, become decimal text, and numbers
 * that no double can hold become `{ "$number": "1e400" }`, which no field of an event accepts.
 *
 * @throws SyntaxError when the text is not JSON
 */
export function readJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return NOT_EXACT.test(text) ? JSON.parse(quoteInexact(text)) : value;
}

/**
 * JSON.parse alone is exact where no number has 16 digits, the length of 2^53, or an exponent of three. Digits inside a string, where most
 * long ids stand, have a quote before them.
 */
const NOT_EXACT = /(?:^|[\s:,[])-?(?:[1-9]\d{15}|[\d.]+[eE]\+?\d{3})/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Valid JSON with the numbers that JSON.parse would change written in another way. It takes linear time, and looks only at text that stands
 * between strings, so that megabytes of string cost next to nothing.
 */
function quoteInexact(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (let open = text.indexOf('"'); open !== -1; open = text.indexOf('"', at)) {
    const end = endOfString(text, open);
    parts.push(text.slice(at, open).replace(NUMBER, quoteIfInexact), text.slice(open, end));
    at = end;
  }
  parts.push(text.slice(at).replace(NUMBER, quoteIfInexact));
  return parts.join('');
}

function quoteIfInexact(number: string): string {
  if (/^-?\d+$/.test(number)) return Number.isSafeInteger(Number(number)) ? number : `"${number}"`;
  return Number.isFinite(Number(number)) ? number : JSON.stringify(markUnheld(number));
}

/** Just behind the closing quote of the string that opens there: the next one with an even number of backslashes before it. */
export function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
