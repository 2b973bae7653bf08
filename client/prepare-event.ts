import { v7 as uuidv7 } from 'uuid';
import { MAX_EVENT_BYTES } from '../events/check-bounds';
import { cutText } from '../events/cut-text';
import { parseWireText, WireTextError, WireTextTooLarge } from '../events/parse-wire-text';
import { readEvent } from '../events/read-event';
import type { EventType } from '../events/wire-data';
import { markUnheld } from '../protocol/read-json';
import { EventTooLarge, InvalidEvent, type EventIds } from './errors';

/**
 * The size that Temporal takes as one workflow input: 2 MiB (`limit.blobSize.error`) less the payload's own metadata.
 * Larger events need a store outside of Temporal, `largeEvents`.
 */
export const MAX_INPUT_BYTES = 2 * 1024 * 1024 - 1024;

export interface PublishEventOptions {
  /** Default: the natural id of the event's type (a chat's id for Chat.Ended), else a new UUIDv7. */
  readonly id?: string | number | bigint | undefined;
  /** Default: `data.SiteId`, which it must equal. */
  readonly siteId?: string | number | bigint | undefined;
  /** When the chat server had it, ISO 8601. Default: now. */
  readonly receivedAt?: string | undefined;
}

export interface PreparedEvent extends EventIds {
  readonly id: string;
  readonly key: string;
  readonly siteId: string;
  /** Of the content, to tell a repeat from a conflict. */
  readonly hash: string;
  /** Input of the workflow: a copy, which the caller's later changes do not reach. */
  readonly input: object;
  /** JSON of the input, in UTF-8. */
  readonly bytes: number;
}

/** With the facts that the receipt has. */
export interface CheckedEvent extends PreparedEvent {
  readonly unknownFields: readonly string[];
}

/**
 * Checks an event and fills in its id, site and time.
 *
 * @param data the event's data in the chat server's spelling, as an object or as JSON text
 * @param limit most bytes of its input
 * @param isOurs an object is plain JSON that no caller changes any more: it is not copied
 * @throws InvalidEvent, EventTooLarge
 */
export function prepareEvent(
  type: EventType,
  data: object | string,
  options: PublishEventOptions = {},
  limit: number = MAX_INPUT_BYTES,
  isOurs = false,
): CheckedEvent {
  const { id, siteId, receivedAt } = options;
  const ids = { type: nameOf(type), id: typeof id === 'object' ? undefined : id?.toString() };
  const copy = isOurs && typeof data === 'object' ? data : readData(ids, data);
  const given = {
    type,
    ...(id !== undefined && { id }),
    ...(siteId !== undefined && { siteId }),
    ...(receivedAt !== undefined && { receivedAt }),
    data: copy,
  };
  const fallback = {
    /** Made where it is needed only. */
    get id() {
      return uuidv7();
    },
    receivedAt: new Date().toISOString(),
  };
  const result = readEvent(given, fallback);
  if (!result.ok) throw new InvalidEvent(result.problems, { ...ids, key: result.key });
  const { event, key, hash, unknownFields } = result;
  const envelope = { id: event.id, type: event.type, siteId: event.siteId };
  const input = { ...envelope, receivedAt: event.receivedAt, data: copy };
  const bytes = Buffer.byteLength(JSON.stringify(input));
  if (bytes > limit) throw new EventTooLarge(bytes, limit, { ...envelope, key });
  return { ...envelope, key, hash, input, bytes, unknownFields };
}

/** For messages. Data read from JSON may have any value as its type, or as its id. */
const nameOf = (type: unknown): string =>
  typeof type === 'string' && type !== '' ? cutText(type, 100, 'units') : 'The event';

/** The data as JSON values, as the workflow will read them, also if the caller changes its object later. */
function readData(ids: EventIds, data: object | string): unknown {
  try {
    const text = typeof data === 'string' ? data : JSON.stringify(data, asJson);
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_EVENT_BYTES) throw new EventTooLarge(bytes, MAX_EVENT_BYTES, ids);
    return typeof data === 'string' ? parseWireText(text) : JSON.parse(text);
  } catch (error) {
    if (error instanceof EventTooLarge) throw error;
    const isText = error instanceof WireTextError || error instanceof WireTextTooLarge;
    const problem = isText ? error.message : 'cannot be written as JSON';
    throw new InvalidEvent([{ path: 'data', problem }], ids, error);
  }
}

/** Values that JSON cannot hold: a bigint as decimal text, bytes in base64, NaN and the infinities as a mark that is refused by its path. */
function asJson(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : markUnheld(value);
  if (typeof value !== 'object' || value === null) return value;
  // A Buffer has turned itself into something else by now.
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Uint8Array ? Buffer.from(original).toString('base64') : value;
}
