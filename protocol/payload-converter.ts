import {
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  type Payload,
} from '@temporalio/common';
import { readJson } from './read-json';

// Node has it, and the workflow sandbox is given it.
const utf8 = new TextDecoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** A payload that is no JSON is handed on as text. */
function readJsonOrText(data: Uint8Array): unknown {
  const text = utf8.decode(data);
  try {
    return readJson(text);
  } catch {
    return text;
  }
}

/** By encoding. Google's JSON form of a message, such as a Struct, is JSON. */
const readers = new Map<string, (data: Uint8Array) => unknown>([
  ['binary/null', () => undefined],
  ['json/plain', readJsonOrText],
  ['json/protobuf', readJsonOrText],
]);

/** The type of an event that came in an unknown encoding: it is refused and kept. */
const unread = (encoding: string, data: Uint8Array) => ({
  type: encoding === '' ? 'sent without an encoding' : `sent as ${encoding}`,
  data: readText(data) ?? base64(data),
});

/**
 * Writes JSON as every Temporal SDK does, and reads every payload that a client may send: an error here would fail the same workflow
 * task for ever, so that nothing but its termination would end the run.
 */
class EveryPayloadConverter extends CompositePayloadConverter {
  constructor() {
    super(new UndefinedPayloadConverter(), new JsonPayloadConverter());
  }

  public override toPayload<T>(value: T): Payload {
    const payload = super.toPayload(value);
    return holdsEventData(value) ? { ...payload, metadata: { ...payload.metadata, [EVENT_DATA]: MARK } } : payload;
  }

  // The interface lets the caller name the type of the payload's value.
  public override fromPayload<T>({ metadata, data }: Payload): T {
    const encoding = utf8.decode(bytesOf(metadata?.['encoding']));
    const bytes = bytesOf(data);
    const read = readers.get(encoding);
    return (read === undefined ? unread(encoding, bytes) : read(bytes)) as T; // the sender decides the type, not the reader
  }
}

/** Metadata of a payload that holds data of events: the codec of clients and workers encrypts it where there is a key. */
export const EVENT_DATA = 'event-data';
const MARK = new TextEncoder().encode('true');

/** True for an event, a list with one, and the input of recordEvents, in which a client may have sent anything. */
function holdsEventData(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isEvent);
  return isEvent(value) || (isObject(value) && 'events' in value && 'startedAt' in value);
}

/** Its names are read in any case. */
const isEvent = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).some((name) => name.length === 4 && name.toLowerCase() === 'data');

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

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
