import type { Transaction } from '../../db/database';
import type { Route } from '../../db/find-routes';
import type { NewDelivery, NewEvent } from '../../db/insert-events';
import type { ChatEvent } from '../../events/catalogue';
import { deliveryId } from '../../events/delivery-id';
import { eventIds } from '../../events/event-ids';
import { detachAttachments } from '../../events/detach-attachments';
import { withheldConsumers } from '../../events/withheld-consumers';
import { needsConnection } from '../consumers';
import { PAUSED } from '../failures';
import type { HashIds } from './id-hashes';

export interface ReadyEvent {
  readonly event: ChatEvent;
  readonly key: string;
  readonly hash: string;
}

/** Each event with the deliveries that the subscriptions of this moment make, and its attachments' bytes apart. */
export async function routeEvents(
  tx: Transaction,
  events: readonly ReadyEvent[],
  modes: Readonly<Record<string, unknown>>,
  hashIds: HashIds | null,
): Promise<(NewEvent & ChatEvent)[]> {
  if (events.length === 0) return [];
  const distinct = (values: readonly string[]) => [...new Set(values)];
  const routes = await tx.findRoutes(
    distinct(events.map(({ event }) => event.siteId)),
    distinct(events.map(({ event }) => event.type)),
  );
  return events.map(({ event, key, hash }) => {
    const { event: light, attachments } = detachAttachments(event);
    const withheld = withheldConsumers(event);
    const own = routes.filter(
      ({ siteId, eventType, consumer }) =>
        siteId === event.siteId && eventType === event.type && !withheld.includes(consumer),
    );
    return {
      ...light,
      key,
      contentHash: hash,
      filteredCount: countFiltered(own),
      deliveries: toDeliveries(key, own, modes),
      attachments,
      ids: hashIds && hashIds(eventIds(event.type, event.data)),
    };
  });
}

function countFiltered(routes: readonly Route[]): number {
  const byQueue = new Map(routes.map(({ dataQueue, filtered }) => [dataQueue, filtered]));
  return [...byQueue.values()].reduce((sum, filtered) => sum + filtered, 0);
}

/** One delivery per route; a consumer that needs a connection has none where the site has no connection. */
function toDeliveries(key: string, routes: readonly Route[], known: Readonly<Record<string, unknown>>): NewDelivery[] {
  const ordinals = new Map<string, number>();
  const names = new Set(routes.map(({ dataQueue }) => dataQueue));
  return routes.flatMap(({ dataQueue, consumer, subscriptionState, connectionId }) => {
    if (connectionId === null && needsConnection(consumer)) return [];
    let ordinal = (ordinals.get(dataQueue) ?? 0) + 1;
    while (ordinal > 1 && names.has(`${dataQueue}#${ordinal}`)) ordinal += 1; // an old data queue may have # in its name
    ordinals.set(dataQueue, ordinal);
    return {
      id: deliveryId(key, dataQueue, connectionId ?? ''),
      dataQueue,
      label: ordinal === 1 ? dataQueue : `${dataQueue}#${ordinal}`,
      consumer,
      connectionId,
      parked: subscriptionState === 'paused' ? PAUSED : consumer in known ? null : UNKNOWN_CONSUMER,
    };
  });
}

const UNKNOWN_CONSUMER = {
  type: 'InvalidConfig',
  message:
    'This version has no such consumer; correct the subscription, or install the version that has it, and redrive.',
};
