import { catalogue, type ChatEvent } from './catalogue';
import type { EventDefinition } from './define-event';

/** Consumers that get no delivery of an event in spite of a subscription, because the event says that they have nothing to do. */
export function withheldConsumers(event: ChatEvent): readonly string[] {
  const { withheld = {} }: EventDefinition = catalogue[event.type];
  return Object.keys(withheld).filter((consumer) => withheld[consumer]?.(event.data) === true);
}
