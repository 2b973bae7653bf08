import { catalogue, type ChatEvent, type DataOf, type EventType } from './catalogue';
import { checkBounds, MAX_EVENT_BYTES, type Met } from './check-bounds';
import { contentHash } from './content-hash';
import type { EventDefinition } from './define-event';
import { eventKey, eventKeyProblem } from './event-key';
import { isBlank } from './kinds/blanks';
import { isObject } from './kinds/json';
import { type Problem, Reading } from './kinds/reading';
import { readSiteId, SITE_ID_EXPECTED } from './kinds/read-site-id';
import { readTime } from './kinds/read-time';
import { parseWireText } from './parse-wire-text';
import { readEventId, readEventType } from './read-identity';
import { resolveReferences } from './resolve-references';

export type { Problem };

/** Values for the parts that the event lacks. */
export interface EventFallback {
  readonly id: string;
  readonly receivedAt: string;
  /** True for a key that a publisher has given the event: its id stays as it is, also in a form that is read as another. */
  readonly isGivenKey?: (key: string) => boolean;
}

export type ReadEvent =
  | {
      readonly ok: true;
      readonly event: ChatEvent;
      readonly key: string;
      readonly hash: string;
      /** Characters that Postgres cannot store, replaced. */
      readonly replaced: number;
      /** Keys that lost against a better spelling of the same field; kept in `extra`. */
      readonly conflicts: number;
      /** Where keys stand that no field has, without their values; kept in `extra`. A few of them, each cut short. */
      readonly unknownFields: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[]; readonly key?: string };

/**
 * Reads an event: wire form to internal form. It names all problems at once. It throws only where this process has not enough memory
 * for the event.
 * `input` is `{ type, id?, siteId?, receivedAt?, data }` with `data` as an object or as JSON text.
 * The id is the given one, else the natural one of its type, else `fallback.id`.
 */
export function readEvent(input: unknown, fallback: EventFallback): ReadEvent {
  try {
    return read(input, fallback);
  } catch (error) {
    // This process has not enough memory or stack for it: the event may be valid.
    if ((error as Partial<Error> | null)?.name === 'RangeError') throw error;
    // Only an object that is no JSON gets here, one with a getter that throws.
    return { ok: false, problems: [{ path: '', problem: 'cannot be read: expected plain JSON' }] };
  }
}

function read(input: unknown, fallback: EventFallback): ReadEvent {
  if (!isObject(input))
    return { ok: false, problems: [{ path: '', problem: 'expected an object with type and data' }] };
  const envelope = (name: string) => input[name] ?? input[spellingOf(input, name)];
  const reading = new Reading();

  const type = readType(envelope('type'), reading);
  const site = envelope('siteId') ?? '';
  reading.siteId =
    typeof site === 'string' && isBlank(site) ? null : (readSiteId(site) ?? reading.refuse('siteId', SITE_ID_EXPECTED));
  const given = readGivenId(envelope('id'), { type, siteId: reading.siteId }, fallback, reading);
  const receivedAt = readTime(envelope('receivedAt') ?? '');
  if (receivedAt === undefined) reading.refuse('receivedAt', 'expected a time in ISO 8601');
  const data = type && readData(catalogue[type], envelope('data'), reading);

  const { siteId, problems } = reading;
  const id = given ?? (data && (naturalId(type, data) ?? fallback.id));
  if (type === undefined || siteId === null || id === undefined) return { ok: false, problems };
  const identity = { type, siteId, id };
  const unusable = eventKeyProblem(identity);
  if (unusable !== undefined) {
    reading.refuse('id', unusable);
    return { ok: false, problems };
  }
  const key = eventKey(identity);
  if (data === undefined || problems.length > 0) return { ok: false, problems, key };
  return {
    ok: true,
    // The catalogue's own table of this type has read the data.
    event: { ...identity, receivedAt: receivedAt ?? fallback.receivedAt, data } as ChatEvent,
    key,
    hash: contentHash(type, identity.siteId, data),
    replaced: reading.replaced,
    conflicts: reading.conflicts,
    unknownFields: [...reading.unknownFields],
  };
}

function readType(value: unknown, reading: Reading): EventType | undefined {
  const type = readEventType(value);
  if (type === undefined) reading.refuse('type', `expected one of ${Object.keys(catalogue).join(', ')}`);
  return type;
}

function readGivenId(
  value: unknown,
  { type, siteId }: { readonly type: EventType | undefined; readonly siteId: string | null },
  { isGivenKey }: EventFallback,
  reading: Reading,
): string | undefined {
  if (isGivenKey && type !== undefined && siteId !== null && typeof value === 'string') {
    const identity = { type, siteId, id: value };
    if (eventKeyProblem(identity) === undefined && isGivenKey(eventKey(identity))) return value;
  }
  const id = readEventId(value);
  if (id === undefined) reading.refuse('id', 'expected text or a whole number');
  return id ?? undefined;
}

/** The internal form, or undefined where there are problems. */
function readData(definition: EventDefinition, value: unknown, reading: Reading): DataOf<EventType> | undefined {
  const given = typeof value === 'string' ? parseData(value) : value;
  const met: Met = { references: false };
  let problem = given instanceof Error ? given.message : checkBounds(given, met);
  const plain = problem === undefined && met.references ? resolveReferences(given) : given;
  if (plain !== given) problem = checkBounds(plain);
  if (problem !== undefined || !isObject(plain)) {
    reading.refuse('data', problem ?? 'expected a JSON object');
    return undefined;
  }
  const before = reading.problems.length;
  const data = definition.kind.read(definition.arrange?.(plain) ?? plain, reading, 'data');
  // A value that a kind reads without a problem satisfies its schema.
  return reading.problems.length > before ? undefined : (data as DataOf<EventType>);
}

function parseData(text: string): unknown {
  // Too large to be read: checkBounds names the limit.
  if (Buffer.byteLength(text) > MAX_EVENT_BYTES) return text;
  try {
    return parseWireText(text);
  } catch (error) {
    return error; // a WireTextError or WireTextTooLarge
  }
}

function naturalId(type: EventType, data: unknown): string | undefined {
  const definition: EventDefinition = catalogue[type];
  return definition.naturalId?.(data);
}

function spellingOf(input: Readonly<Record<string, unknown>>, name: string): string {
  const wanted = name.toLowerCase();
  return Object.keys(input).find((key) => key.toLowerCase() === wanted) ?? name;
}
