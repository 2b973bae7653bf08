import { catalogue, type ChatEvent } from './catalogue';
import type { EventDefinition } from './define-event';
import { relations } from './relations';

/** The seed's data queues that an event is for, less those where the event itself says that there is nothing to do. */
export function fanOut(event: ChatEvent): string[] {
  const definition: EventDefinition = catalogue[event.type];
  const withheld = definition.withheld?.(event.data) ?? [];
  return relations
    .filter(({ type, consumer }) => type === event.type && !withheld.includes(consumer))
    .map(({ dataQueue }) => dataQueue);
}
