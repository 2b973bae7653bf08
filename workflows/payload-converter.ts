import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  ValueError,
  type Payload,
} from '@temporalio/common';

// Node has it, and the workflow sandbox is given it.
const utf8 = new TextDecoder();

/**
 * Writes JSON as every Temporal SDK does, and reads it with integers beyond 2^53-1 as decimal strings: chat servers have 64-bit
 * ids, and other SDKs send them as JSON numbers. Numbers with a fraction or an exponent stay numbers. What is no JSON is handed
 * on as text: as an event it is refused and kept, where an error here would fail the same workflow task for ever.
 */
class ExactJsonPayloadConverter extends JsonPayloadConverter {
  // The interface lets the caller name the type of what is in the payload.
  public override fromPayload<T>(payload: Payload): T {
    if (payload.data === undefined || payload.data === null) throw new ValueError('Got payload with no data');
    const text = utf8.decode(payload.data);
    try {
      const value: T = JSON.parse(text);
      return LONG_DIGITS.test(text) ? JSON.parse(quoteLongIntegers(text)) : value;
    } catch {
      return text as T; // what is in a payload is its sender's say, whatever its reader names
    }
  }
}

/** For `dataConverter: { payloadConverterPath: require.resolve('.../workflows/payload-converter') }` of every client and worker. */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  new ExactJsonPayloadConverter(),
);

/**
 * The least integer beyond 2^53-1 has 16 digits: without such a number JSON.parse alone is exact. In a string, where most long
 * ids stand, a quote is before it.
 */
const LONG_DIGITS = /(?:^|[\s:,[])-?[1-9]\d{15}/;

/** One number token that is not an object key: as a key it must stay the syntax error that it is. */
const NUMBER = /-?\d[\d.eE+-]*(?![\d.eE+-]|\s*:)/g;

/**
 * The same JSON text with integers beyond 2^53-1 in quotes; for valid JSON only, on which it takes linear time.
 * Only what stands between strings is looked at, so that megabytes of string cost next to nothing.
 */
function quoteLongIntegers(text: string): string {
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('"', at);
    if (open === -1) break;
    const end = endOfString(text, open);
    parts.push(text.slice(at, open).replace(NUMBER, quoteIfLong), text.slice(open, end));
    at = end;
  }
  parts.push(text.slice(at).replace(NUMBER, quoteIfLong));
  return parts.join('');
}

function quoteIfLong(number: string): string {
  return /^-?[1-9]\d{15,}$/.test(number) && !Number.isSafeInteger(Number(number)) ? `"${number}"` : number;
}

/** Just behind the closing quote: the next one with an even number of backslashes before it. */
function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
