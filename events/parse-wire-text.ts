import { parse as parseLossless } from 'lossless-json';

/** A number and the character before it, which is a quote inside a string. */
const LONG_DIGITS = /(?:^|[\s:,[])-?[1-9]\d{15}/;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG_INTEGER = /^-?\d{16,}$/;
/** Above this the exact place of a mistake is not worth the time. */
const MAX_LENGTH_TO_LOCATE = 1_000_000;

/** Thrown when a text is not JSON. It names the position, never the text there. */
export class WireTextError extends SyntaxError {
  override readonly name = 'WireTextError';
  /** Index of the first wrong character, where it could be found. */
  readonly position: number | undefined;

  constructor(position: number | undefined) {
    super(position === undefined ? 'is not valid JSON' : `is not valid JSON: mistake at position ${position}`);
    this.position = position;
  }
}

/**
 * Parses the JSON text of an event. Integers beyond 2^53-1, as the chat server's longs can be, come out as decimal
 * text, which every integer field accepts. Of a repeated key the last value counts; a byte order mark is left out.
 * @throws {WireTextError} when the text is not JSON
 */
export function parseWireText(text: string): unknown {
  try {
    const json = withoutMark(text);
    const value: unknown = JSON.parse(json);
    return LONG_DIGITS.test(json) ? JSON.parse(quoteLongIntegers(json)) : value;
  } catch {
    throw new WireTextError(positionOfMistake(text));
  }
}

/** .NET writes a byte order mark before the text of a file. */
const withoutMark = (text: string): string => (text.startsWith('\ufeff') ? text.slice(1) : text);

/** Puts quotes around integers that a double cannot hold. The text is known to be valid JSON. */
function quoteLongIntegers(text: string): string {
  const parts: string[] = [];
  let start = 0;
  while (start < text.length) {
    const quote = text.indexOf('"', start);
    const end = quote === -1 ? text.length : quote;
    parts.push(text.slice(start, end).replace(NUMBER, quoteIfLong));
    if (quote === -1) break;
    start = endOfString(text, quote);
    parts.push(text.slice(quote, start));
  }
  return parts.join('');
}

function quoteIfLong(number: string): string {
  return LONG_INTEGER.test(number) && !Number.isSafeInteger(Number(number)) ? `"${number}"` : number;
}

/** Index after the closing quote of the string that begins at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let close = text.indexOf('"', quote + 1); ; close = text.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (text[close - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return close + 1;
  }
}

function positionOfMistake(text: string): number | undefined {
  if (text.length > MAX_LENGTH_TO_LOCATE) return undefined;
  try {
    parseLossless(withoutMark(text), null, { onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    const position = error instanceof SyntaxError ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
    return position === undefined ? undefined : Number(position);
  }
  return undefined;
}
