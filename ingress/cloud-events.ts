import type { IncomingMessage } from 'node:http';
import { InvalidEvent } from '../client';
import { isObject } from '../events/kinds/json';
import type { GivenEvent } from './accept-event';
import { RequestRefused } from './problem';

/** Media types of CloudEvents 1.0 in JSON; in binary mode the type is that of the data. */
export const STRUCTURED = 'application/cloudevents+json';
export const BATCH = 'application/cloudevents-batch+json';

export const LINES = 'application/x-ndjson';
/** Forms with several events. */
export const SEVERAL = [LINES, BATCH];

const PREFIX = 'ce-';

/** True for a request in binary mode: the attributes are in headers, the body is the data. */
export const isBinary = (headers: IncomingMessage['headers']): boolean => 'ce-specversion' in headers;

/**
 * Reads a CloudEvent in binary mode.
 *
 * @param body JSON text
 * @throws InvalidEvent, RequestRefused
 */
export function readBinary(headers: IncomingMessage['headers'], body: string): GivenEvent {
  const attributes = Object.entries(headers)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, value]) => [name.slice(PREFIX.length), decode(String(value))] as const);
  return readCloudEvent({ ...Object.fromEntries(attributes), data: body });
}

/** First without quotes, then each character that was percent-encoded as UTF-8 (HTTP binding, section 3.1.3.2). */
function decode(value: string): string {
  const [, quoted] = /^"((?:[^"\\]|\\.)*)"$/.exec(value) ?? [];
  const text = quoted?.replaceAll(/\\(.)/g, '$1') ?? value;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Reads a CloudEvent: its `type`, `id` and `time` are those of the event, its `data` the event's data. `subject` and `dataschema` say
 * nothing here; the extension `siteid` may name the site.
 *
 * @param value of JSON: an object with its attributes
 * @throws InvalidEvent, RequestRefused
 */
export function readCloudEvent(value: unknown): GivenEvent {
  if (!isObject(value))
    throw refused({}, [{ path: '', problem: 'expected a CloudEvent: an object with its attributes' }]);
  const { specversion, id, source, type, time, siteid, data, data_base64: base64, datacontenttype: form } = value;
  const problems = Object.entries({ id, source, type })
    .filter(([, attribute]) => typeof attribute !== 'string' || attribute === '')
    .map(([path]) => ({ path, problem: 'expected text: every CloudEvent has this attribute' }));
  if (specversion !== '1.0') problems.push({ path: 'specversion', problem: 'expected "1.0"' });
  if (base64 !== undefined && (data !== undefined || typeof base64 !== 'string'))
    problems.push({ path: 'data_base64', problem: 'expected text, and then no data' });
  const decoded = typeof base64 === 'string' ? decodeBase64(base64) : undefined;
  if (typeof base64 === 'string' && decoded === undefined)
    problems.push({ path: 'data_base64', problem: 'expected JSON in UTF-8 as base64' });
  if (problems.length > 0) throw refused(value, problems);
  if (form !== undefined && !(typeof form === 'string' && /^application\/(.+\+)?json\s*(;|$)/i.test(form)))
    throw new RequestRefused(
      'UnsupportedMediaType',
      `${String(type)} was not published: expected the data as application/json.`,
    );
  return {
    type,
    id,
    data: decoded ?? data ?? null,
    ...(siteid !== undefined && { siteId: siteid }),
    ...(time !== undefined && { receivedAt: time }),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Base64 in each of its forms. Buffer.from leaves out every other character, and stops at `=`. */
const BASE64 = /^[\w+/\s-]*(?:=\s*){0,2}$/;

/** The text; undefined when it is not base64, or not UTF-8. */
function decodeBase64(text: string): string | undefined {
  if (!BASE64.test(text) || text.replaceAll(/[\s=]/g, '').length % 4 === 1) return undefined;
  try {
    return utf8.decode(Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

function refused({ type, id }: Readonly<Record<string, unknown>>, problems: InvalidEvent['problems']): InvalidEvent {
  const name = typeof type === 'string' && type !== '' ? type : 'The event';
  return new InvalidEvent(problems, { type: name, ...(typeof id === 'string' && { id }) });
}
