import {
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  type Payload,
} from '@temporalio/common';

// Node has it, and the workflow sandbox is given it.
const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON with integers beyond 2^53-1 as decimal strings: chat servers have 64-bit ids, and other SDKs send them as JSON
 * numbers. Numbers with a fraction or an exponent stay numbers. What is no JSON is handed on as text.
 */
function readJson(data: Uint8Array): unknown {
  const text = utf8.decode(data);
  try {
    const value: unknown = JSON.parse(text);
    return LONG_DIGITS.test(text) ? JSON.parse(quoteLongIntegers(text)) : value;
  } catch {
    return text;
  }
}

/** By encoding. Google's JSON form of a message, such as a Struct, is JSON. */
const readers = new Map<string, (data: Uint8Array) => unknown>([
  ['binary/null', () => undefined],
  ['json/plain', readJson],
  ['json/protobuf', readJson],
]);

/** What an event claims to be that came in an encoding that is not read: it is refused and kept. */
const unread = (encoding: string, data: Uint8Array) => ({
  type: encoding === '' ? 'sent without an encoding' : `sent as ${encoding}`,
  data: readText(data) ?? base64(data),
});

/**
 * Writes `{ "$number": "Infinity" }` for what `1e400` is read as: JSON.stringify would make it null on its way to the next activity,
 * and events/ refuses it by its path.
 */
class WholeJsonPayloadConverter extends JsonPayloadConverter {
  // The interface names no type of what is written.
  public override toPayload(value: unknown): Payload | undefined {
    const payload = super.toPayload(value);
    if (payload === undefined || !hasUnheld(value)) return payload;
    return super.toPayload(JSON.parse(JSON.stringify(value, markUnheld)));
  }
}

/** Without recursion: what JSON.stringify could write may be nested deeper than this code could follow. */
function hasUnheld(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'number' && !Number.isFinite(one)) return true;
    if (typeof one === 'object' && one !== null) for (const part of Object.values(one)) left.push(part);
  }
  return false;
}

const markUnheld = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { $number: String(value) } : value;

/**
 * Writes JSON as every Temporal SDK does, and reads whatever a client may have sent: an error here would fail the same workflow
 * task for ever, so that nothing but its termination would end the run.
 */
class EveryPayloadConverter extends CompositePayloadConverter {
  constructor() {
    super(new UndefinedPayloadConverter(), new WholeJsonPayloadConverter());
  }

  // The interface lets the caller name the type of what is in the payload.
  public override fromPayload<T>({ metadata, data }: Payload): T {
    const encoding = utf8.decode(bytesOf(metadata?.['encoding']));
    const bytes = bytesOf(data);
    const read = readers.get(encoding);
    return (read === undefined ? unread(encoding, bytes) : read(bytes)) as T; // its sender's say, whatever its reader names
  }
}

/** Where a payload has none, protobuf.js gives an empty list. */
const bytesOf = (field: Uint8Array | null | undefined): Uint8Array => (ArrayBuffer.isView(field) ? field : NOTHING);
const NOTHING = new Uint8Array();

/** For `dataConverter: { payloadConverterPath: require.resolve('.../protocol/payload-converter') }` of every client and worker. */
export const payloadConverter = new EveryPayloadConverter();

/** Undefined where it is no UTF-8. */
function readText(data: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(data);
  } catch {
    return undefined;
  }
}

const DIGITS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** The sandbox has neither Buffer nor btoa, and is ended when it takes seconds: no text is put together piece by piece. */
function base64(data: Uint8Array): string {
  const text = new Uint8Array(4 * Math.ceil(data.length / 3)).fill('='.charCodeAt(0));
  for (let digit = 0; 6 * digit < 8 * data.length; digit++) {
    const at = Math.floor((6 * digit) / 8);
    const pair = ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0);
    text[digit] = DIGITS[(pair >> (10 - ((6 * digit) % 8))) & 63] ?? 0; // there are 64
  }
  return utf8.decode(text);
}

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
