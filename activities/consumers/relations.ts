import { catalogue, type ChatEvent, type EventType } from '../../events/catalogue';
import { withheldConsumers } from '../../events/withheld-consumers';
import { definitions, type ConsumerName } from '.';

export interface Relation {
  readonly dataQueue: string;
  readonly type: EventType;
  readonly consumer: ConsumerName;
}

const types = Object.keys(catalogue) as EventType[]; // its keys are these

/** Which data queue takes which event to which consumer, in every installation: the seed's 24, and later ones. */
export const relations: readonly Relation[] = types.flatMap((type) =>
  Object.entries(definitions).flatMap(([name, { subscribes }]) => {
    const dataQueue = subscribes[type];
    return dataQueue === undefined ? [] : { dataQueue, type, consumer: name as ConsumerName }; // a key of theirs
  }),
);

/** The data queues of `relations` that an event is for. */
export function fanOut(event: ChatEvent): string[] {
  const withheld = withheldConsumers(event);
  return relations
    .filter(({ type, consumer }) => type === event.type && !withheld.includes(consumer))
    .map(({ dataQueue }) => dataQueue);
}
