import { catalogue, type ChatEvent } from './catalogue';
import type { ConsumerName } from './consumer-name';
import type { EventDefinition } from './define-event';
import { relations } from './relations';

/** Consumers that get no delivery of an event in spite of a subscription, because the event says that they have nothing to do. */
export function withheldConsumers(event: ChatEvent): readonly ConsumerName[] {
  const definition: EventDefinition = catalogue[event.type];
  return definition.withheld?.(event.data) ?? [];
}

/** The seed's data queues that an event is for. */
export function fanOut(event: ChatEvent): string[] {
  const withheld = withheldConsumers(event);
  return relations
    .filter(({ type, consumer }) => type === event.type && !withheld.includes(consumer))
    .map(({ dataQueue }) => dataQueue);
}
