import { catalogue, type ChatEvent } from './catalogue';
import type { EventDefinition } from './define-event';

/** The data of an event in wire form, in the seed's spelling. Read again, it gives the same event. */
export function toWire(event: ChatEvent): Record<string, unknown> {
  const { kind }: EventDefinition = catalogue[event.type];
  // The kind of every event is an object.
  return kind.write(event.data) as Record<string, unknown>;
}
