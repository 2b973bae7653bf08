import { InvalidEvent } from '../client';
import { isObject } from '../events/kinds/json';
import { parseWireText } from '../events/parse-wire-text';
import type { GivenEvent } from './accept-event';

/** In this case. */
const KEYS = new Set(['type', 'id', 'siteId', 'receivedAt', 'data']);

/**
 * Reads an event that names its type: `{ type, data, id?, siteId?, receivedAt? }` as JSON text; null stands for an option that
 * is not there. Its values are not checked.
 *
 * @throws InvalidEvent
 */
export function readEnvelope(text: string): GivenEvent {
  const event = parse(text);
  if (!isObject(event)) throw refused([{ path: '', problem: 'expected an object with type and data' }]);
  const unknown = Object.keys(event).filter((key) => !KEYS.has(key));
  if (unknown.length > 0) {
    const problem = `no event has this key: expected ${[...KEYS].join(', ')}`;
    throw refused(unknown.slice(0, 20).map((key) => ({ path: key.slice(0, 100), problem })));
  }
  const { type, data = null, ...options } = event;
  const given = Object.entries(options).filter(([, value]) => value !== null);
  return { type, data, ...Object.fromEntries(given) };
}

function parse(text: string): unknown {
  try {
    return parseWireText(text);
  } catch (error) {
    throw refused([{ path: '', problem: (error as Error).message }], error); // it throws nothing else
  }
}

const refused = (problems: InvalidEvent['problems'], cause?: unknown): InvalidEvent =>
  new InvalidEvent(problems, { type: 'The event' }, cause);
